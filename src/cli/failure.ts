/**
 * The last stop of everything that is thrown. Input that we cannot use is
 * explained and ends with 2. Anything else is a mistake of ours: it is
 * called so, with what is needed to report it, and ends with 4.
 */

import { InputError } from '../scenario/input-error.ts';
import { formatSchedule } from '../trace/schedule.ts';
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

/** A mistake of ours, with what was under way. */
export class OwnFault extends Error {
  readonly underWay: string;

  constructor(cause: unknown, underWay: string) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
    this.name = 'OwnFault';
    this.underWay = underWay;
  }
}

/** The steps that led to a fault of the explorer, if it says: enough to come to the same place again. */
function stepsTo(error: unknown): string[] {
  const steps = (error as { schedule?: unknown } | null)?.schedule;
  if (!Array.isArray(steps)) return [];
  return [`after the steps ${formatSchedule({ identity: '00000000', steps, splits: [] })}`];
}

/** What to print on standard error, and the exit code. */
export function describeFailure(
  error: unknown,
  command: readonly string[],
): { readonly text: string; readonly exitCode: number } {
  if (isInputError(error)) {
    return { text: `shootdown: ${error.message}\n`, exitCode: EXIT.badInput };
  }
  const fault = error instanceof OwnFault ? error : new OwnFault(error, '');
  const { cause } = fault;
  const underWay = [fault.underWay, ...stepsTo(cause)].filter((words) => words !== '');
  const stack =
    process.env.SHOOTDOWN_DEBUG === '1'
      ? [cause instanceof Error ? (cause.stack ?? '') : '']
      : ['SHOOTDOWN_DEBUG=1 in the environment adds where in the code it happened.'];
  const lines = [
    `shootdown: sorry, this is a fault of Shootdown's own, not of your input: ${fault.message}`,
    'No verdict was reached. Please report it with these lines and the scenario:',
    `  shootdown ${packageVersion()}, Node.js ${process.version}, ${process.platform} ${process.arch}`,
    `  ${['shootdown', ...command].join(' ')}`,
    ...underWay.map((words) => `  ${words}`),
    ...stack,
  ];
  return { text: `${lines.join('\n')}\n`, exitCode: EXIT.ownFault };
}
