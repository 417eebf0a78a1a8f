import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseHeader } from './header.ts';
import { describeProblem } from './input-error.ts';

const WHOLE = `// SPDX-License-Identifier: Apache-2.0
/*
 * @question May the sync move
 *   out from under PTL?
 * @source a mail,
 *   20 January 2026
 *
 * @cpu 0 collapser: clears the PMD
 * @cpu 1 GUP-fast: walks
 *
 * @variant mainline: sync under PTL
 * @variant sync-after-unlock: sync after it
 * @arch x86_64 i386-pae
 * @platform native kvm hyperv
 * @preemptions kvm 1
 * @config HIGHPTE PARAVIRT
 * @expect * * * HIGHPTE=n safe
 * @expect sync-after-unlock i386-pae hyperv unsafe torn-entry
 * @builtin sync-*
 * @era sync-* 6.18 6.12
 */
#include "scenario.h"
`;

function problems(text: string): string[] {
  const parse = parseHeader('s.c', text);
  expect(parse.header === null).toBe(parse.problems.length > 0);
  return parse.problems.map((problem) => describeProblem(problem).split('\n')[0]);
}

describe('a whole header', () => {
  test('gives every part, in order', () => {
    expect(parseHeader('s.c', WHOLE)).toEqual({
      problems: [],
      header: {
        question: 'May the sync move out from under PTL?',
        source: 'a mail, 20 January 2026',
        cpus: [
          { name: 'collapser', description: 'clears the PMD' },
          { name: 'GUP-fast', description: 'walks' },
        ],
        variants: [
          { name: 'mainline', description: 'sync under PTL' },
          { name: 'sync-after-unlock', description: 'sync after it' },
        ],
        arches: ['x86_64', 'i386-pae'],
        platforms: ['native', 'kvm', 'hyperv'],
        preemptions: { kvm: 1 },
        online: {},
        nmis: 0,
        config: ['HIGHPTE', 'PARAVIRT'],
        builtin: ['sync-after-unlock'],
        eras: { 'sync-after-unlock': ['6.12', '6.18'] },
        expectations: [
          {
            variant: null,
            arch: null,
            platform: null,
            config: { HIGHPTE: false },
            memory: null,
            verdict: 'safe',
            property: null,
          },
          {
            variant: 'sync-after-unlock',
            arch: 'i386-pae',
            platform: 'hyperv',
            config: {},
            memory: null,
            verdict: 'unsafe',
            property: 'torn-entry',
          },
        ],
      },
    });
  });

  test.each([
    ['no SPDX line', WHOLE.replace(/^.*\n/, '')],
    [
      'an SPDX line in a block comment',
      WHOLE.replace(/^.*\n/, '/* SPDX-License-Identifier: X */\n'),
    ],
    ['the first key beside the opening', WHOLE.replace('/*\n * @question', '/* @question')],
    ['carriage returns', WHOLE.replaceAll('\n', '\r\n')],
    ['no stars', WHOLE.replaceAll('\n * ', '\n   ').replaceAll('\n *\n', '\n\n')],
  ])('reads the same with %s', (_, text) => {
    expect(parseHeader('s.c', text)).toEqual(parseHeader('s.c', WHOLE));
  });
});

/** Replaces a line of the whole header; gives line number and message of what is then wrong. */
const WRONG: readonly (readonly [what: string, from: string, to: string, message: string])[] = [
  ['unknown key', '@question', '@quesiton', "s.c:3: unknown key '@quesiton'"],
  ['lost key sign', '@question', 'question', "s.c:3: expected '@key value' or an indented"],
  [
    'no value',
    '@source a mail,\n *   20 January 2026',
    '@source',
    "s.c:5: expected '@source where",
  ],
  ['CPU out of order', '@cpu 1', '@cpu 2', 's.c:9: expected CPU 1 here, found CPU 2'],
  ['CPU without a colon', 'GUP-fast: walks', 'GUP-fast walks', "s.c:9: expected '@cpu 0 name:"],
  ['CPU without a number', '@cpu 1 GUP-fast', '@cpu GUP-fast', "s.c:9: expected '@cpu 0 name:"],
  ['upper-case name', 'mainline:', 'Mainline:', "s.c:11: 'Mainline' is not a name"],
  [
    'variant twice',
    '@variant sync-after-unlock',
    '@variant mainline',
    "s.c:12: variant 'mainline'",
  ],
  [
    'variants that are one in C',
    '@variant sync-after-unlock',
    '@variant sync+after-unlock: y\n * @variant sync-after-unlock',
    "s.c:13: 'sync-after-unlock' and 'sync+after-unlock' are both V_sync_after_unlock in C",
  ],
  ['unknown arch', 'i386-pae\n', 'i386\n', "s.c:13: unknown arch 'i386'"],
  ['unknown platform', 'native kvm', 'native qemu', "s.c:14: unknown platform 'qemu'"],
  ['second arch line', '@preemptions kvm 1', '@arch x86_64', 's.c:15: @arch stands here twice'],
  ['preemptions of nothing', 'kvm 1', '1', "s.c:15: expected '@preemptions kvm 1'"],
  ['unknown symbol', 'HIGHPTE PARAVIRT', 'HIGHPTE SMP', "s.c:16: unknown config 'SMP'"],
  ['expectation too short', '* * * HIGHPTE=n safe', '* safe', "s.c:17: the expectation '* safe'"],
  [
    'expected variant',
    'sync-after-unlock i386',
    'sync-unlock i386',
    "s.c:18: unknown variant 'sync-",
  ],
  ['code of no variant', 'sync-*', 'v3*', "s.c:19: unknown variant 'v3*'"],
  ['era of no variant', 'sync-* 6.18', 'v3* 6.18', "s.c:20: unknown variant 'v3*'"],
  ['unknown era', '6.18 6.12', '6.13', "s.c:20: unknown era '6.13'"],
  ['no era', ' 6.18 6.12', '', "s.c:20: expected '@era variant|* ... 6.1 6.12 6.18', found"],
  ['eras of nothing', 'sync-* 6.18', '6.18', "s.c:20: expected '@era variant|* ... 6.1 6.12"],
  ['expected arch not run', '* * * HIGHPTE', '* arm64 * HIGHPTE', "s.c:17: unknown arch 'arm64'"],
  ['expected symbol', 'HIGHPTE=n', 'SMP=n', "s.c:17: unknown symbol 'SMP'"],
  ['symbol value', 'HIGHPTE=n', 'HIGHPTE=m', "s.c:17: 'HIGHPTE=m' is neither NAME=y"],
  ['neither verdict', 'n safe', 'n fine', "s.c:17: 'fine' is neither safe nor unsafe"],
  [
    'unsafe without property',
    'unsafe torn-entry',
    'unsafe',
    's.c:18: unsafe needs the one property',
  ],
  ['unknown property', 'torn-entry', 'tron-entry', "s.c:18: unknown property 'tron-entry'"],
  ['words after safe', 'n safe', 'n safe torn-entry', "s.c:17: 'torn-entry' after safe"],
];

test.each(WRONG)('%s', (_, from, to, message) => {
  const text = WHOLE.replace(from, to);
  expect(text).not.toBe(WHOLE);
  expect(problems(text)).toContainEqual(expect.stringContaining(message));
});

test('reports everything that is wrong at once, by line', () => {
  const text = WHOLE.replace('@arch x86_64', '@arch x86-64').replace('torn-entry', 'torn');
  expect(problems(text)).toEqual([
    "s.c:13: unknown arch 'x86-64'",
    "s.c:18: unknown property 'torn': did you mean torn-entry?",
  ]);
});

test.each([
  '',
  '#include <linux/mm.h>\n',
  '/* a comment */\nint a;\n',
  '/* @question never closed',
])('a file without a header: %j', (text) => {
  expect(problems(text)).toEqual([
    expect.stringContaining("s.c:1: expected the scenario's header"),
  ]);
});

test('names each required key that is absent', () => {
  const text = '/*\n * @question q\n */\n';
  const missing = ['source', 'cpu', 'variant', 'arch', 'platform'];
  expect(problems(text)).toEqual(
    missing.map((key) => expect.stringContaining(`the header has no @${key};`)),
  );
});

test('the scenarios of the project have whole headers', () => {
  const folder = new URL('../../scenarios/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.c'));
  expect(files.length).toBeGreaterThan(0);
  for (const name of files) {
    const { problems } = parseHeader(name, readFileSync(new URL(name, folder), 'utf8'));
    expect(problems.map(describeProblem)).toEqual([]);
  }
});
