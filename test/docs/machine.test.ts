/** docs/machine.md has a row for everything that the machine has, and for nothing else. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../src/machine/arch/index.ts';
import { INTRINSICS } from '../../src/machine/intrinsics/index.ts';
import { PLATFORMS } from '../../src/machine/platform/index.ts';
import { SPACES } from '../../src/machine/spaces.ts';
import { PROPERTIES } from '../../src/trace/format.ts';
import { codeWords, namesOf, readDocument, rowsOf } from './tables.ts';

const document = readDocument('docs/machine.md');
const namesOfKind = (kind: string): string[] =>
  INTRINSICS.filter((one) => one.kind === kind).flatMap(({ names }) => names);

/** What is told apart by the name alone: a row too many or too few shows as such. */
function sorted(names: readonly string[]): string[] {
  return [...names].sort();
}

describe('every name has one row, and every row a name', () => {
  const documented: Readonly<Record<string, readonly string[]>> = {
    Intrinsic: namesOfKind('intrinsic'),
    Stub: namesOfKind('stub'),
    Platform: Object.keys(PLATFORMS),
    Architecture: Object.keys(ARCHITECTURES),
    Space: SPACES.map(({ name }) => name),
    Property: PROPERTIES,
  };
  for (const [heading, names] of Object.entries(documented)) {
    test(heading, () => {
      expect(sorted(namesOf(rowsOf(document, heading)))).toEqual(sorted(names));
    });
  }
});

test('properties stand in their order of precedence', () => {
  expect(namesOf(rowsOf(document, 'Property'))).toEqual([...PROPERTIES]);
});

test('no cell is empty, and names of one intrinsic share a row', () => {
  const tables = ['Intrinsic', 'Stub', 'Platform', 'Architecture', 'Space', 'Property', 'Limit'];
  const rows = tables.flatMap((heading) => rowsOf(document, heading));
  expect(rows.filter((row) => row.some((cell) => cell === ''))).toEqual([]);
  const named = rowsOf(document, 'Intrinsic').map((row) => codeWords(row[0]!));
  const split = INTRINSICS.filter(({ names }) => {
    const home = named.find((row) => row.includes(names[0]!));
    return home !== undefined && !names.every((name) => home.includes(name));
  });
  expect(split.map(({ names }) => names[0])).toEqual([]);
});

test('every kernel fact names its version', () => {
  const rows = ['Intrinsic', 'Stub', 'Platform'].flatMap((heading) => rowsOf(document, heading));
  const source = /\b6\.1[0-9]$|^(?:scenario|hardware)\.h$|^LLVM Language Reference$/;
  expect(rows.filter((row) => !source.test(row[1]!)).map((row) => row[0])).toEqual([]);
});

test('a platform row names what its verdicts name', () => {
  for (const [cell, source] of rowsOf(document, 'Platform')) {
    const platform = PLATFORMS[codeWords(cell!)[0]!]!;
    expect(source).toContain(`${platform.standsFor};`);
  }
});

test('spaces have their kind', () => {
  const kinds = rowsOf(document, 'Space').map((row) => [codeWords(row[0]!)[0], row[1]]);
  expect(kinds).toEqual(SPACES.map(({ name, kind }) => [name, kind]));
});

test('architectures have their width', () => {
  for (const [cell, , width] of rowsOf(document, 'Architecture')) {
    const arch = ARCHITECTURES[codeWords(cell!)[0]!]!;
    expect(width).toBe(`${arch.atomicBytes} bytes`);
  }
});

test('limits are those of the code', () => {
  const folder = resolve(import.meta.dirname, '..', '..', 'src');
  const sources = ['machine', 'engine']
    .flatMap((part) =>
      readdirSync(join(folder, part), { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name),
      ),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
  for (const [cell, value] of rowsOf(document, 'Limit')) {
    const name = codeWords(cell!)[0]!;
    const pattern = new RegExp(`(?:const|static readonly) ${name}(?:: number)? = ([^;\\n]+);`, 'g');
    const found = [...sources.matchAll(pattern)].map(([, text]) => text);
    expect({ name, found }).toEqual({ name, found: [value] });
  }
});
