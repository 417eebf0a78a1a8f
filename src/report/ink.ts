/**
 * Paint and paper: how a report colours, wraps and pads. Reports never ask
 * about terminals; whoever prints them hands in an `Ink` and a width.
 */

import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Paints text. The text's width on the page does not change. */
export type Ink = (styles: Style | readonly Style[], text: string) => string;

/** No colours: for files, pipes and golden tests. */
export const plainInk: Ink = (_styles, text) => text;

/** Terminal colours, whatever the environment says: the caller has asked it already. */
export const colourInk: Ink = (styles, text) =>
  text === ''
    ? ''
    : styleText(typeof styles === 'string' ? styles : [...styles], text, { validateStream: false });

/** What a report is laid out for. */
export interface Page {
  /** Columns of characters. */
  readonly width: number;
  readonly ink: Ink;
}

/**
 * `text` in lines of at most `width` characters, the first of at most
 * `firstWidth`, broken at spaces; a word that is wider is cut. Ensures: at
 * least one line.
 */
export function wrap(text: string, width: number, firstWidth: number = width): string[] {
  const lines: string[] = [];
  let line = '';
  const room = (): number => (lines.length === 0 ? firstWidth : width);
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= room()) {
      line = `${line} ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (rest.length > room()) {
      const cut = rest.slice(0, room());
      lines.push(cut);
      rest = rest.slice(cut.length);
    }
    line = rest;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines;
}

/** How a paragraph's label looks, and how far its second and later lines are indented (2 unless given). */
export interface ParagraphStyle {
  readonly painted?: string;
  readonly indent?: number;
}

/** A label, then text wrapped beside and below it. */
export function paragraph(
  label: string,
  text: string,
  page: Page,
  { painted = label, indent = 2 }: ParagraphStyle = {},
): string {
  const width = Math.max(20, page.width - indent);
  const room = page.width - label.length;
  const [first, ...rest] = room < 20 ? ['', ...wrap(text, width)] : wrap(text, width, room);
  return [painted + first, ...rest.map((line) => ' '.repeat(indent) + line)]
    .map((line) => line.trimEnd())
    .join('\n');
}

/** `text` cut to `width`, an ellipsis in place of what is lost. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** `text` cut to `width` from the left: for paths, whose end tells most. */
export function clipStart(text: string, width: number): string {
  return text.length <= width ? text : `…${text.slice(text.length - width + 1)}`;
}

/** Joins with commas and an "and" before the last. */
export function listWords(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** `1 step`, `2 steps`, `12,345 steps`. */
export function count(n: number, noun: string): string {
  const digits = String(n).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${digits} ${noun}${n === 1 ? '' : 's'}`;
}
