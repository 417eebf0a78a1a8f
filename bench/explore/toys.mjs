// The toy systems of the tests, which are TypeScript and no part of the
// package: compiled once per run, and imported from there. They import the
// explorer that was compiled with them.

import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '../..');
const OUT = join(ROOT, 'node_modules/.cache/bench-explore');

/** The explorer and the toys: `{ exploreGraph, exploreStateless, GupToy }`. */
export async function loadToys() {
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'package.json'), '{ "type": "module" }\n');
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      rootDir: ROOT,
      outDir: OUT,
      tsBuildInfoFile: join(OUT, 'build.tsbuildinfo'),
      typeRoots: [join(ROOT, 'node_modules/@types')],
      composite: false,
      incremental: true,
      declaration: false,
      isolatedDeclarations: false,
    },
    include: [],
    files: ['src/explore/graph.ts', 'src/explore/dpor.ts', 'test/explore/toys/gup.ts'].map((file) =>
      join(ROOT, file),
    ),
  };
  const project = join(OUT, 'tsconfig.json');
  writeFileSync(project, JSON.stringify(config));
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const load = (file) => import(pathToFileURL(join(OUT, file)).href);
  const [graph, dpor, gup] = await Promise.all([
    load('src/explore/graph.js'),
    load('src/explore/dpor.js'),
    load('test/explore/toys/gup.js'),
  ]);
  return { ...graph, ...dpor, ...gup };
}
