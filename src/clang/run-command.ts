/**
 * Runs one program to its end and keeps what it printed. Nothing goes through a
 * shell. A failed run is a value: the callers know what it means to the user.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Aborting ends the program and all that it started. */
  readonly signal?: AbortSignal;
  /** Called with each line of either stream as it comes. */
  readonly onLine?: (line: string) => void;
  /** Becomes the program's standard input; otherwise that is empty. */
  readonly input?: Readable;
}

export type CommandOutcome =
  | {
      readonly kind: 'ended';
      readonly code: number;
      readonly output: string;
      readonly messages: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'aborted' };

// How long a program may take to clean up after itself before it is killed.
const GRACE_MS = 3000;

/** Shape: `lines` holds both streams as they interleaved, for showing the end of a failed step. */
export function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      // A group of its own, so that ending it reaches make's children. Only
      // where there is a signal: otherwise the terminal must reach it.
      detached: signal !== undefined,
    });
    const lines: string[] = [];
    const note = (line: string): void => {
      lines.push(line);
      options.onLine?.(line);
    };
    const output = collect(child.stdout!, note);
    const messages = collect(child.stderr!, note);
    const stop = (): void => endGroup(child);
    signal?.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => {
      signal?.removeEventListener('abort', stop);
      resolve({ kind: 'not-started', reason: error.message });
    });
    child.on('close', (code, by) => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted === true) return resolve({ kind: 'aborted' });
      if (by !== null) note(`ended by ${by}`);
      resolve({ kind: 'ended', code: code ?? 1, output: output(), messages: messages(), lines });
    });
    if (options.input !== undefined) {
      // A program that fails early closes its input; its own message says why.
      child.stdin!.on('error', () => {});
      options.input.pipe(child.stdin!);
    }
  });
}

function collect(stream: Readable, onLine: (line: string) => void): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  createInterface({ input: stream }).on('line', onLine);
  return () => Buffer.concat(chunks).toString('utf8');
}

function endGroup(child: ChildProcess): void {
  const send = (name: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // Already gone.
    }
  };
  if (child.pid === undefined) return;
  send('SIGTERM');
  const timer = setTimeout(send, GRACE_MS, 'SIGKILL');
  child.on('close', () => clearTimeout(timer));
}

/** Full path of a program on PATH (or given by path), or null. */
export function findProgram(name: string, path: string = process.env.PATH ?? ''): string | null {
  const candidates =
    isAbsolute(name) || name.includes('/')
      ? [name]
      : path
          .split(delimiter)
          .filter((folder) => folder !== '')
          .map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A command as one would type it. */
export function formatCommand(program: string, args: readonly string[]): string {
  return [program, ...args].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
