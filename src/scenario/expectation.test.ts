import { expect, test } from 'vitest';
import {
  differsFromExpected,
  type Expectation,
  expectedVerdict,
  parseExpectation,
} from './expectation.ts';

const SCOPE = {
  variants: ['mainline', 'no-sync'],
  arches: ['x86_64', 'i386-pae'],
  platforms: ['native', 'hyperv'],
  config: ['HIGHPTE'],
};
const LINES = [
  'mainline * * safe',
  '* i386-pae * HIGHPTE=n safe',
  'no-sync i386-pae hyperv unsafe torn-entry',
  '* x86_64 native safe',
];
const EXPECTATIONS = LINES.map((line) => parseExpectation(line, SCOPE) as Expectation);

test.each([
  ['mainline', 'i386-pae', 'hyperv', { HIGHPTE: true }, 'safe'],
  ['no-sync', 'i386-pae', 'hyperv', { HIGHPTE: true }, 'unsafe torn-entry'],
  ['no-sync', 'i386-pae', 'hyperv', { HIGHPTE: false }, 'safe'],
  // A symbol that does not exist counts as n.
  ['no-sync', 'i386-pae', 'hyperv', {}, 'safe'],
  ['no-sync', 'x86_64', 'native', {}, 'safe'],
  ['no-sync', 'x86_64', 'hyperv', {}, null],
] as const)('%s %s %s %j: %s', (variant, arch, platform, config, expected) => {
  expect(expectedVerdict(EXPECTATIONS, { variant, arch, platform, config })).toBe(expected);
});

test.each([
  [null, 'unsafe', 'torn-entry', false],
  ['safe', 'safe', null, false],
  ['safe', 'unsafe', 'torn-entry', true],
  ['unsafe torn-entry', 'safe', null, true],
  ['unsafe torn-entry', 'unsafe', 'torn-entry', false],
  ['unsafe torn-entry', 'unsafe', 'deadlock', true],
  ['unsafe torn-entry', 'inconclusive', null, false],
] as const)('expected %s, found %s %s: differs %s', (expected, verdict, property, differs) => {
  expect(differsFromExpected(expected, verdict, property)).toBe(differs);
});
