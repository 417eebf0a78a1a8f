/**
 * The last stop of everything that is thrown. Input that we cannot use is
 * explained and ends with 2. Anything else is a mistake of ours: it is
 * called so, with what is needed to report it, and ends with 4.
 */

import { InputError } from '../scenario/input-error.ts';
import { EXIT } from './exit-codes.ts';
import { packageVersion } from './version.ts';

/**
 * Errors of other parts that are about the user's input, by name: those
 * parts lie further in and know nothing of the command line.
 */
const INPUT_ERROR_NAMES: readonly string[] = ['LinkError', 'UnsupportedError', 'IrError'];

/** True where the error tells the user about their input. */
export function isInputError(error: unknown): error is Error {
  return (
    error instanceof InputError ||
    (error instanceof Error && INPUT_ERROR_NAMES.includes(error.name))
  );
}

/** What to print on standard error, and the exit code. */
export function describeFailure(
  error: unknown,
  command: readonly string[],
): { readonly text: string; readonly exitCode: number } {
  if (isInputError(error)) {
    return { text: `shootdown: ${error.message}\n`, exitCode: EXIT.badInput };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack =
    process.env.SHOOTDOWN_DEBUG === '1'
      ? [error instanceof Error ? (error.stack ?? '') : '']
      : ['SHOOTDOWN_DEBUG=1 in the environment adds where in the code it happened.'];
  const lines = [
    `shootdown: sorry, this is a fault of Shootdown's own, not of your input: ${message}`,
    'No verdict was reached. Please report it with these lines and the scenario:',
    `  shootdown ${packageVersion()}, Node.js ${process.version}, ${process.platform} ${process.arch}`,
    `  ${['shootdown', ...command].join(' ')}`,
    ...stack,
  ];
  return { text: `${lines.join('\n')}\n`, exitCode: EXIT.ownFault };
}
