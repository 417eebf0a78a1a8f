/**
 * What the reader throws. A message holds all that a user needs to go on: the
 * file, the line, the text that was met, and what to do about it.
 */

/** Where and why a `.ll` file could not be read. `line` is 1-based, 0 when the whole file is meant. */
export class IrError extends Error {
  readonly path: string;
  readonly line: number;
  /** The line of the file at which reading stopped, shortened around the place. */
  readonly text: string;
  /** What to try next; empty when there is nothing to say. */
  readonly hint: string;

  constructor(path: string, line: number, problem: string, text: string, hint = '') {
    const place = line > 0 ? `${path}:${line}` : path;
    const quoted = text === '' ? '' : `\n    ${text}`;
    super(`${place}: ${problem}${quoted}${hint === '' ? '' : `\n  ${hint}`}`);
    this.name = 'IrError';
    this.path = path;
    this.line = line;
    this.text = text;
    this.hint = hint;
  }
}

/** The 1-based line that `offset` lies in. Cost: linear in the text before it, so for messages only. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

const SHOWN = 120;

/** An `IrError` about the place `offset` of `text`. */
export function errorAt(
  path: string,
  text: string,
  offset: number,
  problem: string,
  hint = '',
): IrError {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const newline = text.indexOf('\n', offset);
  const line = text.slice(start, newline < 0 ? text.length : newline);
  // Kernel lines reach tens of thousands of characters: show what is around the place.
  const column = offset - start;
  const from = line.length <= SHOWN ? 0 : Math.max(0, Math.min(column - 40, line.length - SHOWN));
  const cut = line.slice(from, from + SHOWN).trim();
  const shown = `${from > 0 ? '... ' : ''}${cut}${from + SHOWN < line.length ? ' ...' : ''}`;
  return new IrError(path, lineAt(text, offset), problem, shown, hint);
}

export const TYPED_POINTER_HINT =
  'opaque pointers (`ptr`) are needed: compile with clang 15 or newer (clang 19 and 22 are tested)';

/** What is wrong with a module that has typed pointers, such as `i8*`. */
export function typedPointerProblem(producer: string | null): string {
  const made = producer === null ? '' : `; this file was made by ${producer}`;
  return `typed pointers are not supported${made}`;
}

/** For messages: the compiler that `text` seems to be made by, or null. */
export function producerOf(text: string): string | null {
  const found = /^!\d+ = .*"([^"\n]*clang version [^"\n(]*)/m.exec(text);
  return found === null ? null : found[1].trim();
}
