import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

const SRC = resolve(import.meta.dirname, 'src');
const DIST = resolve(import.meta.dirname, 'dist');

/**
 * What tests import from `src/` is what `tsc -b` made of it, run by Node
 * itself. Vite's own transform turns each use of an imported name into a
 * property of a module object, and the engine runs at less than half its
 * speed that way.
 */
const builtCode: Plugin = {
  name: 'built-code',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !/^\..*(?<!\.test)\.ts$/.test(source)) return null;
    const inside = relative(SRC, resolve(dirname(importer), source));
    if (inside.split(sep)[0] === '..') return null;
    return join(DIST, inside.replace(/\.ts$/, '.js'));
  },
};

export default defineConfig({
  plugins: [builtCode],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    // Vitest keeps one core for itself, which of two is half the machine.
    maxWorkers: availableParallelism(),
    globalSetup: ['test/set-up/build.ts'],
    reporters: ['default', 'test/set-up/left-out.ts'],
    server: { deps: { external: [/\/dist\//] } },
  },
});
