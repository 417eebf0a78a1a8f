/** The file that `--html` names: looked at before hours of search, not after. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inputError } from '../../scenario/input-error.ts';

/** Fails: InputError where the file could not be written. */
export function refuseUnwritable(file: string): void {
  if (file === '') throw inputError('--html wants the name of a file');
  const path = resolve(file);
  const folder = dirname(path);
  if (!existsSync(folder)) throw inputError(`--html ${file}: there is no folder ${folder}`);
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw inputError(`--html ${file}: that is a folder`, 'name a file in it');
  }
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
  } catch {
    throw inputError(`--html ${file}: it cannot be written`);
  }
}
