/**
 * Compiled IR on the disk, by content. The key is a hash of everything that
 * decides the IR, so an entry never goes stale; it can only be damaged. Each
 * entry carries the hash of what it holds, and one that does not match is
 * compiled again, never trusted. A cache that cannot be written is no cache;
 * it is not an error.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from './diagnostics.ts';

/** What a compilation leaves behind. */
export interface CacheEntry {
  readonly ir: string;
  readonly warnings: readonly Diagnostic[];
  /** Files to hash before another entry can be asked for; see `in-tree.ts`. */
  readonly dependencies?: readonly string[];
}

export interface IrCache {
  /** The entry under `key`, or null where there is none that can be trusted. */
  read(key: string): CacheEntry | null;
  /** Keeps `entry`; silently does without where the folder cannot be written. */
  write(key: string, entry: CacheEntry): void;
}

// Part of the path: entries of another layout are simply not found.
const LAYOUT = 'ir-1';

/** `$SHOOTDOWN_CACHE`, else `$XDG_CACHE_HOME/shootdown`, else `~/.cache/shootdown`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment.SHOOTDOWN_CACHE;
  if (own !== undefined && own !== '') return own;
  const shared = environment.XDG_CACHE_HOME;
  return join(
    shared !== undefined && shared !== '' ? shared : join(homedir(), '.cache'),
    'shootdown',
  );
}

/** A cache under `folder`, made when first written to. */
export function openCache(folder: string = cacheFolder()): IrCache {
  const pathOf = (key: string): string => join(folder, LAYOUT, key.slice(0, 2), `${key}.ll`);
  return {
    read(key) {
      let text: string;
      try {
        text = readFileSync(pathOf(key), 'utf8');
      } catch {
        return null;
      }
      return decode(text);
    },
    write(key, entry) {
      writeAtomically(pathOf(key), encode(entry));
    },
  };
}

// Two comment lines of LLVM IR, then the IR itself: an entry can be read
// by people and by llvm tools as it is.
function encode(entry: CacheEntry): string {
  const { ir, ...rest } = entry;
  const body = `; ${JSON.stringify(rest)}\n${ir}`;
  return `; shootdown ${contentHash(body)}\n${body}`;
}

function decode(text: string): CacheEntry | null {
  const first = /^; shootdown ([0-9a-f]{64})\n/.exec(text);
  if (first === null) return null;
  const body = text.slice(first[0].length);
  if (contentHash(body) !== first[1]) return null;
  const second = /^; (.*)\n/.exec(body);
  if (second === null) return null;
  const rest = JSON.parse(second[1]!) as Omit<CacheEntry, 'ir'>;
  return { ...rest, ir: body.slice(second[0].length) };
}

/** Hexadecimal SHA-256 of a text's UTF-8 bytes. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * Writes `text` to `path` so that no reader ever sees a part of it: several
 * processes may compile the same file at once. Returns whether it is there.
 */
export function writeAtomically(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.${Math.trunc(performance.now() * 1000)}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    return true;
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The folder is not ours to write; there is nothing to clean up.
    }
    return false;
  }
}
