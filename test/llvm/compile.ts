/** Compiles the corpus with the embedded clang, for any target and any flags. */

import { readFileSync } from 'node:fs';

type Clang = typeof import('@yowasp/clang');

let loaded: Promise<Clang> | null = null;

async function loadClang(): Promise<Clang> {
  const clang = await import('@yowasp/clang');
  // Without a silent callback the package reports its loading on standard output.
  await clang.runLLVM(null as unknown as undefined, {}, { fetchProgress() {} });
  return clang;
}

/** IR of a file of `corpus/`. `flags` are the frontend's. */
export async function compileCorpus(
  name: string,
  target: string,
  flags: readonly string[],
): Promise<string> {
  return compile(corpusFile(name), target, flags);
}

export function corpusFile(name: string): string {
  return readFileSync(new URL(`corpus/${name}`, import.meta.url), 'utf8');
}

/** IR of a C file's text. Fails: `Error` with the compiler's messages. */
export async function compile(
  source: string,
  target: string,
  flags: readonly string[],
): Promise<string> {
  loaded ??= loadClang();
  const clang = await loaded;
  const decoder = new TextDecoder();
  let text = '';
  let messages = '';
  const run = ['clang', '-cc1', '-triple', target, '-emit-llvm', '-ffreestanding', ...flags];
  const take = (bytes: Uint8Array | null): void => {
    if (bytes !== null) text += decoder.decode(bytes, { stream: true });
  };
  const hear = (bytes: Uint8Array | null): void => {
    if (bytes !== null) messages += new TextDecoder().decode(bytes);
  };
  try {
    await clang.runLLVM(
      [...run, 'a.c', '-o', '-'],
      { 'a.c': source },
      { stdout: take, stderr: hear },
    );
  } catch (error) {
    throw new Error(`${target}: ${messages}${error instanceof Error ? error.message : error}`);
  }
  return text;
}

/** LP64 and ILP32, little and big endian. */
export const TARGETS: readonly string[] = [
  'x86_64-linux-gnu',
  'i686-linux-gnu',
  'aarch64-linux-gnu',
  's390x-linux-gnu',
  'riscv64-linux-gnu',
  'powerpc64-linux-gnu',
];
