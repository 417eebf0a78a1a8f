/**
 * Who does the jobs of a command: the main thread one after the other, or
 * workers several at a time. Either way their outcomes are asked for in
 * order, so what is printed does not depend on who was faster.
 */

import { Worker } from 'node:worker_threads';
import type { Compilations } from './compile.ts';
import {
  type Checked,
  checkOne,
  type Job,
  type Settings,
  type Watcher,
} from './one-configuration.ts';
import { notSearched } from './run-configuration.ts';
import { errorOf, type FromWorker, type ToWorker, type WorkerData } from './worker.ts';

/** A job in its place. */
export interface NumberedJob extends Job {
  /** From 1. */
  readonly number: number;
}

/** What jobs need, whoever does them. */
export interface JobContext {
  readonly settings: Settings;
  readonly compilations: Compilations;
  readonly signal: AbortSignal;
  /** Whether anybody sees how it goes. */
  readonly watched: boolean;
  readonly onCompiling: (job: NumberedJob) => void;
  readonly watcherOf: (job: NumberedJob) => Watcher;
}

/** Does jobs. */
export interface Jobs {
  /** What came of a job. Asked for once each, in order. Fails: as `checkOne`. */
  outcome(job: NumberedJob): Promise<Checked>;
  /** Stops what is still under way. */
  close(): Promise<void>;
}

function interrupted({ configuration }: Job, { settings }: JobContext): Checked {
  const reason = 'interrupted before it was searched';
  return { result: notSearched(configuration, settings.without, reason), withoutMattered: true };
}

/** In the main thread, each when its outcome is asked for. */
export function jobsInTurn(context: JobContext): Jobs {
  const { settings, compilations, signal } = context;
  return {
    outcome: async (job) => {
      if (signal.aborted) return interrupted(job, context);
      context.onCompiling(job);
      return checkOne(job, settings, compilations, signal, context.watcherOf(job));
    },
    close: async () => {},
  };
}

const ENDED = 'a worker ended before its search did';

/** A worker, one job at a time. */
class Thread {
  readonly worker: Worker;
  readonly #abort = (): void => this.#send({ kind: 'abort' });
  readonly #signal: AbortSignal;
  #ended = false;

  constructor({ settings, watched, signal }: JobContext) {
    const workerData: WorkerData = { settings, watched };
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { workerData });
    this.worker.once('exit', () => {
      this.#ended = true;
    });
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort);
  }

  #send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  run(job: Job, watcher: Watcher): Promise<Checked> {
    if (this.#ended) return Promise.reject(new Error(ENDED));
    const { worker } = this;
    return new Promise<Checked>((resolve, reject) => {
      const settle = (how: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        how();
      };
      const onMessage = (message: FromWorker): void => {
        if (message.kind === 'progress') watcher.onProgress(message.progress);
        else if (message.kind === 'shortening') watcher.onShortening(message.states);
        else if (message.kind === 'checked') settle(() => resolve(message.checked));
        else settle(() => reject(errorOf(message.failure)));
      };
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (): void => settle(() => reject(new Error(ENDED)));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      this.#send({
        kind: 'job',
        job: { scenario: job.scenario, configuration: job.configuration },
      });
    });
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort);
    await this.worker.terminate();
  }
}

/** In `count` threads, all of them from now on, begun in order. */
export function jobsInWorkers(
  jobs: readonly NumberedJob[],
  count: number,
  context: JobContext,
): Jobs {
  const { compilations, signal } = context;
  const outcomes = new Map(jobs.map((job) => [job.number, new Outcome()]));
  const threads = Array.from({ length: count }, () => new Thread(context));
  let next = 0;
  let closed = false;
  let compiled: Promise<unknown> = Promise.resolve();
  // Here and one after the other, so that each is done once and its warnings are printed once.
  const compile = (job: NumberedJob): Promise<unknown> => {
    const before = compiled;
    const modules = before.then(() => {
      if (!closed) context.onCompiling(job);
      return compilations.modules(job.scenario, job.configuration);
    });
    compiled = modules.catch(() => {});
    return modules;
  };
  const work = async (thread: Thread): Promise<void> => {
    while (next < jobs.length && !closed) {
      const job = jobs[next++];
      const outcome = outcomes.get(job.number)!;
      try {
        if (!signal.aborted) await compile(job);
        if (signal.aborted) outcome.resolve(interrupted(job, context));
        else outcome.resolve(await thread.run(job, context.watcherOf(job)));
      } catch (error) {
        // Nobody will ask for what comes after it.
        outcome.reject(error);
        return;
      }
    }
  };
  for (const thread of threads) void work(thread);
  return {
    outcome: ({ number }) => outcomes.get(number)!.promise,
    close: async () => {
      closed = true;
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** A promise to be kept or broken from outside. Nobody need look at one that is broken. */
class Outcome {
  resolve: (checked: Checked) => void = () => {};
  reject: (error: unknown) => void = () => {};
  readonly promise: Promise<Checked>;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}
