/**
 * The source tree of a kernel, given as a folder or as a tarball. A tarball is
 * unpacked once, into the cache, under the hash of its bytes; it appears there
 * under its final name only when it is whole.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from './cache.ts';
import { type BuildFailure, type BuildProgress, buildFailure } from './make.ts';
import { runCommand } from './run-command.ts';

export interface KernelTree {
  readonly kind: 'tree';
  /** Absolute. */
  readonly path: string;
  /** As the tree's own Makefile has it: `6.12.117`. */
  readonly version: string;
  readonly tarballSha256: string | null;
}

export type TreeOutcome = KernelTree | BuildFailure | { readonly kind: 'aborted' };

interface TreeOptions {
  readonly onProgress: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
  /** Where tarballs are unpacked. */
  readonly cache?: string;
}

/** Whether there is anything at `given`: told before it is unpacked, or tools are looked for. */
export function checkTree(given: string): BuildFailure | null {
  return existsSync(resolve(given)) ? null : buildFailure(`no such kernel tree: ${given}`);
}

/** The tree at `given`. Fails: nothing there, no kernel in it, or one that was built in place. */
export async function openTree(given: string, options: TreeOptions): Promise<TreeOutcome> {
  const path = resolve(given);
  const absent = checkTree(given);
  if (absent !== null) return absent;
  if (statSync(path).isDirectory()) return inspectTree(path, null);
  const sha256 = await hashFile(path);
  const home = join(options.cache ?? cacheFolder(), 'trees', sha256.slice(0, 16));
  if (!existsSync(home)) {
    const unpacked = await unpack(path, home, options);
    if (unpacked !== null) return unpacked;
  } else {
    options.onProgress({ step: 'unpack', message: `${given} is unpacked already`, fraction: 1 });
  }
  const roots = readdirSync(home).filter((name) => existsSync(join(home, name, 'Makefile')));
  if (roots.length !== 1) return buildFailure(`${given} does not hold one kernel tree`);
  return inspectTree(join(home, roots[0]!), sha256);
}

function inspectTree(path: string, tarballSha256: string | null): TreeOutcome {
  const makefile = join(path, 'Makefile');
  const text = existsSync(makefile) ? readFileSync(makefile, 'utf8') : '';
  const field = (name: string): string =>
    new RegExp(`^${name} *= *(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  if (field('VERSION') === '' || !existsSync(join(path, 'scripts', 'config'))) {
    return buildFailure(
      `${path} is not a kernel tree: no Makefile with VERSION, or no scripts/config`,
    );
  }
  // kbuild refuses to build elsewhere from such a tree, but only after a
  // while, and in words that do not name what is in the way.
  for (const left of ['.config', 'include/config']) {
    if (existsSync(join(path, left))) {
      return buildFailure(
        `${path} was configured in place (${left} is there), and kbuild cannot build elsewhere from it; run \`make mrproper\` there, or give a fresh copy`,
      );
    }
  }
  const numbers = [field('VERSION'), field('PATCHLEVEL'), field('SUBLEVEL')];
  const version = numbers.filter((part) => part !== '').join('.') + field('EXTRAVERSION');
  return { kind: 'tree', path, version, tarballSha256 };
}

/** Unpacks into `home`; null when that worked. */
async function unpack(
  tarball: string,
  home: string,
  { onProgress, signal }: TreeOptions,
): Promise<BuildFailure | { readonly kind: 'aborted' } | null> {
  const flag = compressionFlag(tarball);
  if (flag === null) {
    return buildFailure(`${tarball} is neither a folder nor a tarball (tar, gz, bz2, xz, zst)`);
  }
  const unfinished = `${home}.${process.pid}.tmp`;
  mkdirSync(unfinished, { recursive: true });
  try {
    const input = createReadStream(tarball, { highWaterMark: 1 << 20 });
    const totalBytes = statSync(tarball).size;
    let doneBytes = 0;
    input.on('data', (chunk) => {
      doneBytes += chunk.length;
      onProgress({
        step: 'unpack',
        message: `unpacking ${tarball}`,
        fraction: doneBytes / totalBytes,
      });
    });
    const args = ['-x', ...flag, '-f', '-', '--no-same-owner', '-C', unfinished];
    const run = await runCommand('tar', args, { input, signal });
    if (run.kind === 'aborted') return run;
    const said = run.kind === 'ended' ? run.messages.trim().split('\n').slice(-5) : [run.reason];
    if (run.kind !== 'ended' || run.code !== 0) {
      return {
        kind: 'error',
        message: `cannot unpack ${tarball}`,
        command: `tar ${args.join(' ')}`,
        lastLines: said,
      };
    }
    mkdirSync(dirname(home), { recursive: true });
    // Somebody else may have unpacked the same tarball meanwhile; theirs is as good.
    if (!existsSync(home)) renameSync(unfinished, home);
    return null;
  } catch (error) {
    return buildFailure(`cannot unpack ${tarball}: ${(error as Error).message}`);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** By the file's first bytes: names lie more often. */
function compressionFlag(path: string): string[] | null {
  const head = Buffer.alloc(262);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  const starts = (...bytes: number[]): boolean =>
    bytes.every((byte, index) => head[index] === byte);
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return ['--xz'];
  if (starts(0x1f, 0x8b)) return ['--gzip'];
  if (starts(0x42, 0x5a, 0x68)) return ['--bzip2'];
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return ['--zstd'];
  return head.toString('latin1', 257, 262) === 'ustar' ? [] : null;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
