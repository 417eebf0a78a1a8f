/**
 * A worker's thread: takes one job at a time and sends back what came of it.
 * It compiles for itself, which is a look into the cache: the main thread has
 * compiled the same before.
 */

import { parentPort, workerData } from 'node:worker_threads';
import type { SearchProgress } from '../../explore/search.ts';
import { InputError, type Problem } from '../../scenario/input-error.ts';
import { Compilations, openKernelFolder } from './compile.ts';
import { type Checked, checkOne, type Job, type Settings } from './one-configuration.ts';

/** What a worker is made with. */
export interface WorkerData {
  readonly settings: Settings;
  /** Whether anybody sees how it goes. */
  readonly watched: boolean;
}

export type ToWorker = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'abort' };

export type FromWorker =
  | { readonly kind: 'checked'; readonly checked: Checked }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'progress'; readonly progress: SearchProgress }
  | { readonly kind: 'shortening'; readonly states: number };

/** An error as data: classes do not survive the way between threads. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** Of bad input. */
  readonly problems: readonly Problem[] | null;
  /** The steps to a fault of the explorer, if it says. */
  readonly schedule: unknown;
}

/** An error as what can be sent. */
export function failureOf(error: unknown): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const problems = error instanceof InputError ? error.problems : null;
  const schedule = (error as { schedule?: unknown } | null)?.schedule ?? null;
  return { name, message, stack: stack ?? '', problems, schedule };
}

/** The error again. */
export function errorOf({ name, message, stack, problems, schedule }: Failure): Error {
  if (problems !== null) return new InputError(problems);
  return Object.assign(new Error(message), { name, stack, schedule });
}

function serve(port: NonNullable<typeof parentPort>, { settings, watched }: WorkerData): void {
  const { kernelFolder } = settings;
  const kernel = kernelFolder === null ? null : openKernelFolder(kernelFolder);
  const compilations = new Compilations(kernel, () => {});
  const abort = new AbortController();
  const send = (message: FromWorker): void => port.postMessage(message);
  const watcher = {
    onProgress: (progress: SearchProgress) => {
      if (watched) send({ kind: 'progress', progress });
    },
    onShortening: (states: number) => {
      if (watched) send({ kind: 'shortening', states });
    },
  };
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'abort') {
      abort.abort();
      return;
    }
    checkOne(message.job, settings, compilations, abort.signal, watcher).then(
      (checked) => send({ kind: 'checked', checked }),
      (error: unknown) => send({ kind: 'failed', failure: failureOf(error) }),
    );
  });
}

if (parentPort !== null) serve(parentPort, workerData as WorkerData);
