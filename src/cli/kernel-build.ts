/** `shootdown kernel build`: makes a build folder of a real tree. */

import { readFileSync } from 'node:fs';
import { buildKernel } from '../clang/kbuild.ts';
import { KERNEL_ARCHITECTURES, type KernelArchitecture } from '../clang/kernel-arch.ts';
import { inputError } from '../scenario/input-error.ts';
import { chooseArch } from '../scenario/targets.ts';
import { EXIT } from './exit-codes.ts';
import { openStatusLine } from './status-line.ts';
import { print } from './terminal.ts';

export interface KernelBuildOptions {
  readonly tree: string;
  readonly arch: string;
  readonly out?: string;
  readonly config: readonly string[];
  readonly files?: string;
}

function parseWishes(words: readonly string[]): Record<string, boolean> {
  const wishes: Record<string, boolean> = {};
  for (const word of words) {
    const match = /^(?:CONFIG_)?([A-Za-z0-9_]+)=([yn])$/.exec(word);
    if (match === null) throw inputError(`--config wants NAME=y or NAME=n, not '${word}'`);
    wishes[match[1]] = match[2] === 'y';
  }
  return wishes;
}

/** `a.c,b.c`, or `@list`: a file with one path a line. */
function parseFiles(list: string | undefined): string[] | undefined {
  if (list === undefined) return undefined;
  let text = list;
  if (list.startsWith('@')) {
    try {
      text = readFileSync(list.slice(1), 'utf8');
    } catch (error) {
      throw inputError(`--files ${list}: ${(error as Error).message}`);
    }
  }
  const files = text.split(/[\s,]+/).filter((file) => file !== '');
  const other = files.find((file) => !file.endsWith('.c'));
  if (other !== undefined) throw inputError(`--files wants paths of .c files, not '${other}'`);
  return files;
}

function chooseKernelArch(word: string): KernelArchitecture {
  const arch = chooseArch(word);
  const found = KERNEL_ARCHITECTURES.find((name) => name === arch);
  if (found !== undefined) return found;
  throw inputError(
    `kernel build: no tree of ${arch} can be checked yet; its inline assembly is not known`,
    `architectures of real trees: ${KERNEL_ARCHITECTURES.join(', ')}; the built-in kernel has ${arch}`,
  );
}

export async function kernelBuildCommand(options: KernelBuildOptions): Promise<void> {
  const arch = chooseKernelArch(options.arch);
  const config = parseWishes(options.config);
  const files = parseFiles(options.files);
  const status = openStatusLine();
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    const outcome = await buildKernel({
      tree: options.tree,
      arch,
      out: options.out,
      config,
      files,
      signal: abort.signal,
      onProgress: ({ step, message, fraction }) => {
        const done = fraction === undefined ? '' : ` (${Math.round(fraction * 100)} %)`;
        status.show(`${step}: ${message}${done}`);
      },
    });
    status.clear();
    if (outcome.kind === 'aborted') {
      process.stderr.write('shootdown: interrupted; the folder is not finished\n');
      process.exitCode = EXIT.inconclusive;
    } else if (outcome.kind === 'error') {
      const command = outcome.command === null ? [] : [`  ${outcome.command}`];
      const lines = [`shootdown: ${outcome.message}`, ...command, ...outcome.lastLines];
      process.stderr.write(`${lines.join('\n')}\n`);
      process.exitCode = EXIT.badInput;
    } else {
      const { path, manifest } = outcome.kernel;
      const what = `Linux ${manifest.tree.version} for ${manifest.arch}, ${manifest.modules.length} files`;
      const how = outcome.upToDate ? 'up to date' : 'built';
      await print(`${path}: ${what}, ${how}\nTry: shootdown check SCENARIO --kernel ${path}\n`);
    }
  } finally {
    status.clear();
    process.removeListener('SIGINT', interrupt);
  }
}
