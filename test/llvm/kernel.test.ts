/**
 * The real kernel, where it has been built: the folder named by
 * SHOOTDOWN_KERNEL_IR holds output folders of the kernel's own build, for
 * instance x86_64/ and i386-pae/, with `.ll` files anywhere below them.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../src/llvm/layout.ts';
import type { Module } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { compareWithText } from './fidelity.ts';

const folder = process.env.SHOOTDOWN_KERNEL_IR;

function modulesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ll'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Sizes in bytes that the debug information gives for structs, by name; those with several are left out. */
function debugSizes(text: string): Map<string, number> {
  const sizes = new Map<string, number>();
  const twice = new Set<string>();
  const composite =
    /!DICompositeType\(tag: DW_TAG_structure_type, name: "(\w+)"[^\n]*?, size: (\d+)[,)]/g;
  for (const [, name, bits] of text.matchAll(composite)) {
    if (sizes.has(name) && sizes.get(name) !== Number(bits) / 8) twice.add(name);
    sizes.set(name, Number(bits) / 8);
  }
  for (const name of twice) sizes.delete(name);
  return sizes;
}

function checkSizes(module: Module, text: string): number {
  const wanted = debugSizes(text);
  let compared = 0;
  for (const [name, struct] of module.structs) {
    const size = wanted.get(name.replace(/^struct\./, ''));
    if (struct.opaque || size === undefined) continue;
    expect([name, sizeOf(module.dataLayout, struct)]).toEqual([name, size]);
    compared++;
  }
  return compared;
}

if (folder === undefined) {
  test.skip('the kernel: left out, as SHOOTDOWN_KERNEL_IR is not set. Make a folder with `shootdown kernel build --tree DIR --arch A --out FOLDER/A` and set it to FOLDER', () => {});
} else {
  const paths = modulesBelow(folder);
  test('there are modules', () => expect(paths).not.toEqual([]));

  describe.each(paths.map((path) => relative(folder, path)))('%s', (name) => {
    test('is read whole, and prints back as it was written', () => {
      const text = readFileSync(join(folder, name), 'utf8');
      const module = readModule(text, name, { eager: true });
      const { lines, differences } = compareWithText(module, text);
      expect(differences).toEqual([]);
      expect(lines).toBeGreaterThan(0);
      checkSizes(module, text);
    });
  });

  test('the sizes of structs were compared with the debug information', () => {
    const compared = paths.map((path) => {
      const text = readFileSync(path, 'utf8');
      return checkSizes(readModule(text, path), text);
    });
    expect(Math.max(...compared)).toBeGreaterThan(20);
  });
}
