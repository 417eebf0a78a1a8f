import { readFileSync } from 'node:fs';
import { inputError } from '../scenario/input-error.ts';

/** The text of a file that a word of the command line means. Fails: InputError, with what to try next. */
export function readTarget(target: string, path: string, hint?: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw inputError(`${target}: ${why}`, hint);
  }
}
