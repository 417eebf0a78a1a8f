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
  const subject = { variant, arch, platform, config, memory: 'sc' } as const;
  expect(expectedVerdict(EXPECTATIONS, subject)).toBe(expected);
});

test('an expectation may be for one memory model', () => {
  const expectations = ['* * * MEMORY=tso unsafe assertion', '* * * HIGHPTE=n MEMORY=sc safe'].map(
    (line) => parseExpectation(line, SCOPE) as Expectation,
  );
  const of = (memory: 'sc' | 'tso', config: Record<string, boolean> = {}): string | null =>
    expectedVerdict(expectations, {
      variant: 'mainline',
      arch: 'x86_64',
      platform: 'native',
      config,
      memory,
    });
  expect(of('tso')).toBe('unsafe assertion');
  expect(of('sc')).toBe('safe');
  expect(of('sc', { HIGHPTE: true })).toBeNull();
});

test.each([
  ['* * * MEMORY=tos safe', "unknown memory model 'tos': did you mean tso?"],
  ['* * * MEMORY= safe', "unknown memory model '': the header has sc, tso"],
  ['* * * HIGHPTE=m safe', "'HIGHPTE=m' is neither NAME=y or NAME=n nor MEMORY=sc|tso"],
  ['* * * highpte=y safe', "'highpte=y' is neither NAME=y or NAME=n nor MEMORY=sc|tso"],
  ['* * * PARAVIRT=n safe', "unknown symbol 'PARAVIRT'"],
])('%s is refused', (line, message) => {
  expect(parseExpectation(line, SCOPE)).toContain(message);
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

test('a variant may be a pattern, which must mean something', () => {
  const scope = { ...SCOPE, variants: ['mainline', 'mainline+foreign-mm', 'no-sync+foreign-mm'] };
  const expectation = parseExpectation('*+foreign-mm * * unsafe torn-entry', scope) as Expectation;
  const expected = (variant: string): string | null =>
    expectedVerdict([expectation], {
      variant,
      arch: 'x86_64',
      platform: 'native',
      config: {},
      memory: 'sc',
    });
  expect(scope.variants.map(expected)).toEqual([null, 'unsafe torn-entry', 'unsafe torn-entry']);
  expect(parseExpectation('*+foreign * * safe', scope)).toContain("unknown variant '*+foreign'");
});
