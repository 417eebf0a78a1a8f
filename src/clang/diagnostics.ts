/**
 * What clang said, as values: severity, file, line and column, with clang's own
 * rendering (snippet, caret, "In file included from") kept word for word, since
 * nobody renders a C error better than clang does.
 */

/** One message of the compiler. `line` and `column` are 1-based; file is null where clang names none. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  /** The text alone, without place and severity. */
  readonly message: string;
  /** As clang printed it, notes and snippets included; may be several lines, no final newline. */
  readonly rendered: string;
}

const PLACED = /^(.+?):(\d+):(\d+): (fatal error|error|warning|note|remark): (.*)$/;
const UNPLACED = /^(?:clang(?:-\d+)?: )?(fatal error|error|warning): (.*)$/;
const INCLUDED_FROM = /^In file included from /;
const SUMMARY = /^\d+ (?:errors?|warnings?)(?: and \d+ (?:errors?|warnings?))? generated\.$/;

/** The messages in clang's standard error, in its order; a note belongs to the message before it. */
export function parseDiagnostics(text: string): Diagnostic[] {
  const found: { head: Omit<Diagnostic, 'rendered'>; lines: string[] }[] = [];
  let includeLines: string[] = [];
  for (const line of text.split('\n')) {
    if (SUMMARY.test(line)) continue;
    if (INCLUDED_FROM.test(line)) {
      includeLines.push(line);
      continue;
    }
    const head = readHead(line);
    if (head !== null) {
      found.push({ head, lines: [...includeLines, line] });
      includeLines = [];
    } else if (found.length > 0) {
      found[found.length - 1]!.lines.push(...includeLines, line);
      includeLines = [];
    }
  }
  return found.map(({ head, lines }) => ({ ...head, rendered: lines.join('\n').trimEnd() }));
}

function readHead(line: string): Omit<Diagnostic, 'rendered'> | null {
  const placed = PLACED.exec(line);
  if (placed !== null) {
    const [, file, lineText, columnText, severity, message] = placed;
    if (severity === 'note' || severity === 'remark') return null;
    return {
      severity: severity === 'warning' ? 'warning' : 'error',
      file: file!,
      line: Number(lineText),
      column: Number(columnText),
      message: message!,
    };
  }
  const unplaced = UNPLACED.exec(line);
  if (unplaced === null) return null;
  const severity = unplaced[1] === 'warning' ? 'warning' : 'error';
  return { severity, file: null, line: null, column: null, message: unplaced[2]! };
}

/** An error that clang did not print itself: it could not be started, or was not asked. */
export function errorDiagnostic(message: string, file: string | null = null): Diagnostic {
  const rendered = `${file === null ? '' : `${file}: `}error: ${message}`;
  return { severity: 'error', file, line: null, column: null, message, rendered };
}
