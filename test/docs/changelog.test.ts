/** The changelog lists each variant that is unsafe somewhere, and where, as the headers of the scenarios expect. */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Configuration, expandBuiltin } from '../../src/scenario/configurations.ts';
import { parseHeader } from '../../src/scenario/header.ts';
import { MEMORY_MODELS, memoryModelsOf } from '../../src/scenario/targets.ts';
import { readDocument, rowsOf } from './tables.ts';

const FOLDER = resolve(import.meta.dirname, '..', '..', 'scenarios');

/** `i386-pae: kvm, hyperv; x86_64: xen`; `native (tso)` where one memory model alone is unsafe. */
function places(configurations: readonly Configuration[]): string {
  const arches = [...new Set(configurations.map(({ arch }) => arch))];
  const words = arches.map((name) => {
    const here = configurations.filter(({ arch }) => arch === name);
    const platforms = [...new Set(here.map(({ platform }) => platform))].map((platform) => {
      const memory = here.filter((one) => one.platform === platform).map((one) => one.memory);
      return memory.length === memoryModelsOf(name).length ? platform : `${platform} (${memory})`;
    });
    return `${name}: ${platforms.join(', ')}`;
  });
  return words.length === 0 ? '-' : words.join('; ');
}

/** The row of one variant; `-` in the last cell where it is safe everywhere. */
function rowOf(scenario: string, variant: string, all: readonly Configuration[]): string[] {
  const unsafe = all.filter(({ expected }) => expected?.startsWith('unsafe'));
  const properties = [...new Set(unsafe.map(({ expected }) => `\`${expected!.slice(7)}\``))];
  const property = properties.length === 0 ? '-' : properties.join(', ');
  return [`\`${scenario}\``, `\`${variant}\``, property, places(unsafe)];
}

const expectedRows: string[][] = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.c'))
  .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
  .flatMap((path) => {
    const { header } = parseHeader(path, readFileSync(join(FOLDER, path), 'utf8'));
    const name = basename(path, '.c');
    return header!.variants.map((variant) =>
      rowOf(
        name,
        variant.name,
        MEMORY_MODELS.flatMap((memory) =>
          expandBuiltin(name, header!, { variants: [variant.name], memory }),
        ),
      ),
    );
  })
  .filter((row) => row[3] !== '-');

test('every unsafe variant has its row, and every row its variant', () => {
  const shown = (rows: readonly (readonly string[])[]): string =>
    rows
      .map((row) => `| ${row.join(' | ')} |`)
      .sort()
      .join('\n');
  const documented = rowsOf(readDocument('CHANGELOG.md'), 'Scenario');
  expect(shown(documented)).toBe(shown(expectedRows));
});

test('a variant has one property', () => {
  expect(expectedRows.filter((row) => row[2]!.includes(','))).toEqual([]);
});
