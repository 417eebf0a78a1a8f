/** The documents that say how the project is built are about this project. */

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { namesOf, readDocument, rowsOf } from './tables.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const foldersOf = (path: string): string[] =>
  readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${path}/${entry.name}/`);

test('the code map has every part', () => {
  const mapped = namesOf(rowsOf(readDocument('ARCHITECTURE.md'), 'path'));
  const missing = foldersOf('src').filter((folder) => !mapped.includes(folder));
  expect(missing).toEqual([]);
});

test('ARCHITECTURE.md can be read at one sitting', () => {
  expect(readDocument('ARCHITECTURE.md').split('\n').length).toBeLessThan(300);
});

const decisions = readdirSync(join(ROOT, 'docs/decisions')).sort();

test('decisions are numbered without a gap', () => {
  const numbers = decisions.map((name) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(name)?.[1]);
  const expected = decisions.map((_, index) => String(index + 1).padStart(4, '0'));
  expect(numbers).toEqual(expected);
});

test('a decision says what it was chosen from, and what it costs', () => {
  const parts = ['Context', 'Alternatives', 'Decision', 'Costs'];
  for (const name of decisions) {
    const text = readDocument(`docs/decisions/${name}`);
    const found = [...text.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part);
    expect({ name, found }).toEqual({ name, found: parts });
    expect(text.startsWith(`# ${name.slice(0, 4)} `), name).toBe(true);
  }
});
