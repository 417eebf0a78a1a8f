/**
 * What the user gave and we cannot use. Everything thrown as `InputError`
 * ends as exit code 2 with its problems on standard error, one a line;
 * anything else that is thrown is our own fault and ends as exit code 4.
 */

/** One thing that is wrong with the input. */
export interface Problem {
  /** Where: a file, or null when it is the command line. */
  readonly file: string | null;
  /** 1-based; 0 where unknown or where there is no file. */
  readonly line: number;
  /** What was found and what was expected; lower case start, no final stop. */
  readonly message: string;
  /** What to try next, or null. */
  readonly hint: string | null;
}

/** `file:line: message`, and the hint on a line of its own. */
export function describeProblem(problem: Problem): string {
  const where =
    problem.file === null ? '' : `${problem.file}${problem.line > 0 ? `:${problem.line}` : ''}: `;
  const hint = problem.hint === null ? '' : `\n  ${problem.hint}`;
  return `${where}${problem.message}${hint}`;
}

/** Bad input, with everything that was found wrong at once. */
export class InputError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.name = 'InputError';
    this.problems = problems;
  }
}

/** A single problem on the command line. */
export function inputError(message: string, hint: string | null = null): InputError {
  return new InputError([{ file: null, line: 0, message, hint }]);
}
