import { expect, test } from 'vitest';
import { describeProblem } from './input-error.ts';
import { parseSuite } from './suite.ts';

const WHOLE = `# rows in this order
@question May it
@question go?
@source a mail

one
two  mainline *+foreign-mm  PARAVIRT=n # and nothing else
dir/three.c
`;

test('a whole suite', () => {
  expect(parseSuite('s.txt', WHOLE)).toEqual({
    suite: {
      question: 'May it go?',
      source: 'a mail',
      lines: [
        { line: 6, scenario: 'one', variants: [], config: [] },
        {
          line: 7,
          scenario: 'two',
          variants: ['mainline', '*+foreign-mm'],
          config: ['PARAVIRT=n'],
        },
        { line: 8, scenario: 'dir/three.c', variants: [], config: [] },
      ],
    },
    problems: [],
  });
});

test('lines may end as on Windows', () => {
  expect(parseSuite('s.txt', WHOLE.replaceAll('\n', '\r\n'))).toEqual(parseSuite('s.txt', WHOLE));
});

test.each([
  ['no question', '@question May it\n@question go?\n', '', 's.txt:1: the suite has no @question'],
  ['unknown key', '@source', '@sauce', "s.txt:4: unknown key '@sauce'"],
  ['a key without a value', '@source a mail', '@source', 's.txt:4: @source has no value'],
  ['a symbol that is neither', 'PARAVIRT=n', 'PARAVIRT=m', "s.txt:7: 'PARAVIRT=m' is not NAME=y"],
  ['a symbol first', 'two  mainline', 'PARAVIRT=y', 's.txt:7: a line begins with a scenario'],
])('%s', (_, from, to, message) => {
  const { suite, problems } = parseSuite('s.txt', WHOLE.replace(from, to));
  expect(suite).toBeNull();
  expect(problems.map(describeProblem)[0]).toContain(message);
});

test('nothing in it', () => {
  const { problems } = parseSuite('s.txt', '@question Why?\n');
  expect(problems.map(describeProblem)).toEqual([
    expect.stringContaining('s.txt:1: the suite names no scenario'),
  ]);
});
