/**
 * The rules of the house that a machine can check. Each failure says what to do
 * about it, because a rule that only says no is looked up, not learned.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';
import { parseHeader } from '../src/scenario/header.ts';

const ROOT = resolve(import.meta.dirname, '..');
const LEFT_OUT = new Set(['node_modules', 'dist', 'coverage', '.git']);
const BINARY = /\.(?:png|jpe?g|gif|ico|woff2?|wasm|gz|xz)$/;
const LONG_LINES = 450;
const TOO_LONG_LINES = 700;

/** Files of more than 700 lines, each with the reason why it is one subject and cannot be two files. */
const MAY_BE_LONG: Readonly<Record<string, string>> = {};

interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

function readTree(folder: string): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (LEFT_OUT.has(entry.name)) return [];
    if (entry.isDirectory()) return readTree(path);
    if (!entry.isFile() || BINARY.test(entry.name)) return [];
    const shown = relative(ROOT, path).split(sep).join('/');
    return [{ path: shown, text: readFileSync(path, 'utf8') }];
  });
}

const files = readTree(ROOT);
const sources = files.filter(({ path }) => /^src\/.*\.tsx?$/.test(path));
const shipped = sources.filter(({ path }) => !/\.test\.tsx?$/.test(path));

/** `path:line: ...` for each match of `pattern`, with what `mend` says of it. */
function findAll(
  where: readonly SourceFile[],
  pattern: RegExp,
  mend: (found: RegExpMatchArray) => string,
): string[] {
  return where.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].map((found) => {
      const line = text.slice(0, found.index).split('\n').length;
      return `${path}:${line}: ${mend(found)}`;
    }),
  );
}

const partOf = (path: string): string => path.split('/')[1]!;

/** The parts that each part may import, besides itself. What is to the left never imports what is to the right. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  clang: [],
  llvm: [],
  explore: [],
  scenario: [],
  program: ['llvm'],
  machine: ['llvm', 'program'],
  engine: ['llvm', 'program', 'machine'],
  cost: ['llvm', 'program', 'machine', 'engine', 'scenario'],
  trace: ['llvm', 'program', 'machine', 'engine', 'explore', 'cost', 'scenario'],
  report: ['explore', 'cost', 'trace', 'scenario'],
  cli: [
    'clang',
    'llvm',
    'explore',
    'scenario',
    'program',
    'machine',
    'engine',
    'cost',
    'trace',
    'report',
  ],
  web: [
    'clang',
    'llvm',
    'explore',
    'scenario',
    'program',
    'machine',
    'engine',
    'cost',
    'trace',
    'report',
  ],
  cluster: [
    'clang',
    'llvm',
    'explore',
    'scenario',
    'program',
    'machine',
    'engine',
    'cost',
    'trace',
    'report',
  ],
};

/** Interfaces that both sides speak: the explorer sees the machine through one, and all print with the other. */
const CONTRACTS = new Set(['src/explore/system.ts', 'src/trace/format.ts']);
/** These see nothing but themselves, contracts included. */
const ALONE = new Set(['llvm', 'explore']);

interface Import {
  readonly path: string;
  readonly line: number;
  readonly target: string;
}

function importsOf({ path, text }: SourceFile): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([^']+)'/g;
  return [...text.matchAll(pattern)].map((found) => {
    const line = text.slice(0, found.index).split('\n').length;
    return { path, line, target: found[1]! };
  });
}

test('parts import only what is to their left', () => {
  const problems = shipped.flatMap(importsOf).flatMap(({ path, line, target }) => {
    if (!target.startsWith('.')) return [];
    const to = posix.join(posix.dirname(path), target);
    const [from, into] = [partOf(path), partOf(to)];
    if (from === into || (CONTRACTS.has(to) && !ALONE.has(from))) return [];
    const allowed = MAY_IMPORT[from];
    if (allowed === undefined) {
      return [
        `${path}: src/${from}/ is a part this test does not know; give it a line in MAY_IMPORT`,
      ];
    }
    if (allowed.includes(into)) return [];
    const may = allowed.length === 0 ? 'nothing outside itself' : `only ${allowed.join(', ')}`;
    return [
      `${path}:${line}: imports ${to}, but ${from}/ may import ${may}; pass what is needed in, or move it to the left`,
    ];
  });
  expect([...new Set(problems)]).toEqual([]);
});

test('only the outer shell does input and output', () => {
  const outer = new Set(['clang', 'cli', 'web', 'cluster']);
  const io =
    /^(?:node:)?(?:fs|fs\/promises|child_process|net|http|https|http2|dns|readline|tls|dgram)$/;
  const inner = shipped.filter(({ path }) => !outer.has(partOf(path)));
  const imports = inner.flatMap(importsOf).filter(({ target }) => io.test(target));
  const problems = imports.map(
    ({ path, line, target }) =>
      `${path}:${line}: imports ${target}; take the content as an argument, and read or write it in cli/ or clang/`,
  );
  const printing = findAll(
    inner,
    /\bconsole\.\w+\(|\bprocess\.(?:stdout|stderr|argv|env|exit)\b/g,
    ([found]) => `${found}: return the value, and let cli/ print it`,
  );
  expect([...problems, ...printing]).toEqual([]);
});

test('chance is seeded', () => {
  const chance = new RegExp(['Math', 'random'].join('\\.'), 'g');
  // A test may draw its seed, if the same run can be had again by naming it.
  const seedless = files.filter(
    ({ path, text }) => /^test\/.*\.ts$/.test(path) && !text.includes('process.env.SEED'),
  );
  const mend = (): string =>
    'unseeded chance; take a seed as argument (in a test: from SEED, and print it) and make the numbers from it';
  expect(findAll([...sources, ...seedless], chance, mend)).toEqual([]);
});

test('llvm/ and explore/ contain no kernel word', () => {
  const words =
    'pgd|p4d|pud|pmd|pte|ptl|tlb|mm|mmu|khugepaged|gup|rcu|vma|folio|hugepage|thp|ipi'.split('|');
  const names = words.map((word) => word[0]!.toUpperCase() + word.slice(1));
  const patterns = [
    // Alone or in a snake_case name; first in a camelCase name; later in one.
    new RegExp(`(?<![a-z])(?:${words.join('|')})s?(?![a-z])`, 'gi'),
    new RegExp(`(?<![A-Za-z])(?:${words.join('|')})(?=[A-Z])`, 'g'),
    new RegExp(`(?<=[a-z])(?:${names.join('|')})(?![a-z])`, 'g'),
  ];
  const where = shipped.filter(({ path }) => ALONE.has(partOf(path)));
  const mend = ([found]: RegExpMatchArray): string =>
    `says '${found}'; this part knows nothing of kernels: say it in its own terms, or move it to machine/`;
  expect(patterns.flatMap((pattern) => findAll(where, pattern, mend))).toEqual([]);
});

test('files have one subject', () => {
  const code = files.filter(({ path }) =>
    /^(?:src|test|bench|kernel|scenarios)\/.*\.(?:tsx?|c|h)$/.test(path),
  );
  const measured = code.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  const long = measured.filter(({ lines }) => lines > LONG_LINES);
  if (long.length > 0) {
    const list = long.map(({ path, lines }) => `${path} (${lines})`).join(', ');
    console.info(`${long.length} files of more than ${LONG_LINES} lines: ${list}`);
  }
  const problems = measured
    .filter(({ path, lines }) => lines > TOO_LONG_LINES && MAY_BE_LONG[path] === undefined)
    .map(
      ({ path, lines }) =>
        `${path}: ${lines} lines; split it by subject, or give MAY_BE_LONG the reason`,
    );
  const stale = Object.keys(MAY_BE_LONG)
    .filter((path) => !measured.some((file) => file.path === path && file.lines > TOO_LONG_LINES))
    .map((path) => `${path}: not that long any more; take its line out of MAY_BE_LONG`);
  expect([...problems, ...stale]).toEqual([]);
});

test('every scenario says what it asks and what it expects', () => {
  const scenarios = files.filter(({ path }) => /^scenarios\/.*\.c$/.test(path));
  expect(scenarios.length).toBeGreaterThan(0);
  expect(scenarios.flatMap(({ path, text }) => parseHeader(path, text).problems)).toEqual([]);
});

test('nothing is left to be fixed later without saying so', () => {
  const fixme = new RegExp(['FIX', 'ME'].join(''), 'g');
  const todo = new RegExp(`${['TO', 'DO'].join('')}\\b(?:\\(([\\w-]+)\\))?`, 'g');
  const where = files.filter(({ path }) => path !== 'package-lock.json' && path !== 'LICENSE');
  const warts = files.find(({ path }) => path === 'docs/warts.md')?.text ?? '';
  const anchors = new Set([...warts.matchAll(/^#+ (.*)$/gm)].map(([, title]) => anchorOf(title!)));
  const problems = findAll(where, fixme, () => 'mend it now, or pin the wrong answer in a test');
  const open = findAll(where, todo, ([found, anchor]) =>
    anchor !== undefined && anchors.has(anchor)
      ? ''
      : `${found}: write it as ${found.slice(0, 4)}(anchor), where docs/warts.md has a heading with that anchor`,
  );
  expect([...problems, ...open.filter((line) => !line.endsWith(': '))]).toEqual([]);
});

/** As GitHub makes them from headings. */
function anchorOf(heading: string): string {
  const plain = heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '');
  return plain.replaceAll(' ', '-');
}

test('documents name what is there', () => {
  const documents = files.filter(({ path }) => path.endsWith('.md'));
  const links = documents.flatMap((file) =>
    brokenLinks(file).map(
      (link) => `${file.path}: links to ${link}, which is not there; mend the link`,
    ),
  );
  const map = documents.find(({ path }) => path === 'ARCHITECTURE.md');
  const top = readdirSync(ROOT).filter((name) => !LEFT_OUT.has(name));
  const named = [...(map?.text ?? '').matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path]) => path!);
  const paths = named
    .filter((path) => top.includes(path.split('/')[0]!) && !existsSync(join(ROOT, path)))
    .map((path) => `ARCHITECTURE.md: names ${path}, which is not there; say where it went`);
  expect([...links, ...paths]).toEqual([]);
});

function brokenLinks({ path, text }: SourceFile): string[] {
  // Code blocks may hold brackets that are no links.
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => {
    if (/^(?:https?:|mailto:)/.test(target)) return false;
    const [file, anchor] = target.split('#') as [string, string?];
    const full = file === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), file);
    if (!existsSync(full)) return true;
    if (anchor === undefined || !full.endsWith('.md')) return false;
    const headings = readFileSync(full, 'utf8').matchAll(/^#+ (.*)$/gm);
    return ![...headings].some(([, title]) => anchorOf(title!) === anchor);
  });
}

test('what is run can be run', () => {
  const problems = ['bin/shootdown.js', '.ci/run']
    .filter((path) => (statSync(join(ROOT, path)).mode & 0o111) === 0)
    .map(
      (path) => `${path}: not executable; run \`git update-index --chmod=+x ${path}\` and chmod`,
    );
  expect(problems).toEqual([]);
});

test('no file speaks of one machine', () => {
  // Written in pieces, so that this file does not find itself.
  const places = ['/root/', '/home/[a-z]', '/Users/', '/work/', '[A-Z]:\\\\\\\\Users'].join('|');
  const mend = ([found]: RegExpMatchArray): string =>
    `'${found}' is a place on somebody's machine; name it from the project, or take it as an argument`;
  const machine = findAll(
    files.filter(({ path }) => path !== 'test/tidy.test.ts'),
    new RegExp(`(?<![\\w.-])(?:${places})`, 'g'),
    mend,
  );
  const lock = files.filter(({ path }) => path === 'package-lock.json' || path === '.npmrc');
  const hosts = findAll(
    lock,
    /"resolved": "|registry *=/g,
    () =>
      'names a registry; npm is to use the one it is set up for (npm config: omit-lockfile-registry-resolved)',
  );
  expect([...machine, ...hosts]).toEqual([]);
});
