/** Reads the tables of a Markdown document, for tests that hold documents to the code. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT: string = resolve(import.meta.dirname, '..', '..');

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The cells of each row, trimmed, of every table whose first heading is `first`. */
export function rowsOf(text: string, first: string): string[][] {
  const rows: string[][] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1) : null;
    if (cells === null) inside = false;
    else if (cells[0]!.trim() === first) inside = true;
    else if (inside && !/^\s*-+\s*$/.test(cells[0]!)) rows.push(cells.map((cell) => cell.trim()));
  }
  return rows;
}

/** The words in backquotes of a cell. */
export function codeWords(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);
}

/** The words in backquotes of the first cells. */
export function namesOf(rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap((row) => codeWords(row[0]!));
}
