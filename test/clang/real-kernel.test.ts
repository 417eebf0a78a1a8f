/**
 * What only a real tree can show: that kbuild answers as we think it does.
 * Needs the build folders that `.ci/run` makes, in the folder named by
 * SHOOTDOWN_KERNEL_IR: `i386-pae`, `i386-pae-nohighpte`, `x86_64`.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openCache } from '../../src/clang/cache.ts';
import { compileInTree } from '../../src/clang/in-tree.ts';
import { DEFAULT_KERNEL_FILES } from '../../src/clang/kernel-arch.ts';
import { type KernelDir, readKernelDir, readModule } from '../../src/clang/kernel-dir.ts';

const home = process.env.SHOOTDOWN_KERNEL_IR ?? '';
const reason = home === '' ? ' (not run: SHOOTDOWN_KERNEL_IR is not set)' : '';
const folder = mkdtempSync(join(tmpdir(), 'shootdown-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Expectation {
  readonly arch: string;
  readonly highpte: 'y' | 'n';
  readonly pointerBytes: number;
}

const EXPECTED: Readonly<Record<string, Expectation>> = {
  'i386-pae': { arch: 'i386-pae', highpte: 'y', pointerBytes: 4 },
  'i386-pae-nohighpte': { arch: 'i386-pae', highpte: 'n', pointerBytes: 4 },
  x86_64: { arch: 'x86_64', highpte: 'n', pointerBytes: 8 },
};

function open(name: string): KernelDir {
  const outcome = readKernelDir(join(home, name), EXPECTED[name]!.arch);
  if (outcome.kind === 'error') throw new Error(outcome.message);
  return outcome.kernel;
}

describe.runIf(home !== '')(`a build folder of a real tree${reason}`, () => {
  describe.each(Object.entries(EXPECTED))('%s', (name, expected) => {
    test('has the configuration and the files that were asked for', () => {
      const { manifest } = open(name);
      const { config, modules } = manifest;
      expect(config).toMatchObject({ HIGHPTE: expected.highpte, PARAVIRT: 'y', HYPERV: 'y' });
      expect(config.TRANSPARENT_HUGEPAGE).toBe('y');
      expect(config.X86_PAE).toBe(expected.arch === 'i386-pae' ? 'y' : 'n');
      expect(modules.map(({ source }) => source)).toEqual(DEFAULT_KERNEL_FILES);
    });

    test('keeps inline functions, and names files by their place in the tree', () => {
      const kernel = open(name);
      const module = kernel.manifest.modules.find(({ source }) => source.endsWith('generic.c'))!;
      const ir = readModule(kernel, module);
      expect(ir).toMatch(/^define internal .*@pmdp_get_lockless\(/m);
      expect(ir).toContain('filename: "mm/pgtable-generic.c"');
      expect(ir).toContain('filename: "include/linux/pgtable.h"');
      expect(ir).not.toContain(kernel.manifest.tree.path);
      expect(ir.trimEnd().split('\n').pop()).toMatch(/^!\d+ = /);
    });

    test('compiles a scenario with the layout of the kernel, and caches it', async () => {
      const kernel = open(name);
      const source = join(folder, 'probe.c');
      const text = [
        '#include <linux/mm.h>',
        '#include "probe.h"',
        'unsigned long pointer_size = sizeof(void *) + SHIFT;',
        'pte_t *probe(pmd_t *pmd, unsigned long address) { return pte_offset_map(pmd, address); }',
      ];
      writeFileSync(source, text.join('\n'));
      const header = join(folder, 'include', 'probe.h');
      mkdirSync(join(folder, 'include'), { recursive: true });
      writeFileSync(header, 'int from_header;\n');
      const cache = openCache(join(folder, 'cache', name));
      const compile = (): ReturnType<typeof compileInTree> => {
        const includeDirectories = [join(folder, 'include')];
        return compileInTree(
          kernel,
          { source, includeDirectories, defines: { SHIFT: '0' } },
          cache,
        );
      };
      const first = await compile();
      if (first.kind === 'error') throw new Error(first.diagnostics[0]!.rendered);
      const size = expected.pointerBytes;
      expect(first.text).toContain(`@pointer_size = dso_local global i${size * 8} ${size}`);
      expect(first.text).toContain('source_filename = "probe.c"');
      expect(first.text).toContain('@__pte_offset_map(');
      expect(first.text).not.toContain(folder);
      expect(await compile()).toMatchObject({ fromCache: true, text: first.text });
      // The header is not part of the command or the source: only the
      // second stage of the cache can notice.
      writeFileSync(header, `${readFileSync(header, 'utf8')}int another;\n`);
      expect(await compile()).toMatchObject({ fromCache: false });
    });

    test('tells a C error by file and line', async () => {
      const source = join(folder, `${name}-broken.c`);
      writeFileSync(source, '#include <linux/mm.h>\nint f(void) { return nothing; }\n');
      const request = { source, includeDirectories: [], defines: {} };
      const outcome = await compileInTree(open(name), request, null);
      if (outcome.kind !== 'error') throw new Error('compiled');
      expect(outcome.diagnostics[0]).toMatchObject({ file: `${name}-broken.c`, line: 2 });
    });
  });

  test('the folders differ where the configuration decides the verdict', () => {
    const allocatesHigh = (name: string): boolean => {
      const kernel = open(name);
      const module = kernel.manifest.modules.find(({ source }) => source.endsWith('/pgtable.c'))!;
      const initial = /@__userpte_alloc_gfp = .*global i32 (\d+)/.exec(readModule(kernel, module));
      return (Number(initial![1]) & 2) !== 0; // __GFP_HIGHMEM
    };
    expect(Object.keys(EXPECTED).map(allocatesHigh)).toEqual([true, false, false]);
    expect(existsSync(join(home, 'x86_64', 'build', '.config'))).toBe(true);
  });
});
