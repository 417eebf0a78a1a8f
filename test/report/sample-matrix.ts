/** A hand-made table with the corners that matter to a layout: additions, symbols that are off, gaps, disagreements. */

import type { Matrix } from '../../src/report/matrix/matrix.ts';
import type { CheckResult } from '../../src/trace/format.ts';
import { CPU_NAMES, safe, unsafe } from '../cli/sample-results.ts';

const X86 = { arch: 'x86_64', config: { PARAVIRT: true } } as const;
const OFF = { config: { HIGHPTE: true, PARAVIRT: false } } as const;
const rounds = (total: number, underPtl: number) =>
  ({ ipiRounds: { total, underPtl, executions: 'all' } }) as const;
const named = (variant: string, results: readonly CheckResult[]): CheckResult[] =>
  results.map((one) => ({ ...one, variant }));

const MAINLINE = named('mainline', [
  safe({ ...rounds(2, 2) }),
  safe({ platform: 'kvm', ...rounds(2, 2) }),
  safe({ platform: 'hyperv', ...rounds(1, 1) }),
  safe({ ...X86, ...rounds(1, 1) }),
  safe({ ...X86, platform: 'hyperv', ...rounds(0, 0) }),
  safe({ ...X86, platform: 'invlpgb', era: '6.18', ...rounds(0, 0) }),
]);

const LATER = named('sync-after-unlock', [
  safe({ ...rounds(2, 1) }),
  unsafe({ platform: 'kvm', ...rounds(2, 1) }),
  unsafe({ ...rounds(1, 0) }),
  safe({
    ...X86,
    verdict: 'inconclusive',
    message: 'the time ran out (--timeout)',
    ...rounds(1, 1),
  }),
]);

const FOREIGN = named('sync-after-unlock+foreign-mm', [
  safe({ expected: 'unsafe torn-entry', ...rounds(1, 0) }),
  unsafe({
    platform: 'kvm',
    expected: 'safe',
    property: 'use-after-free',
    violations: [{ property: 'use-after-free', site: 'a.c:1 f' }],
    ...rounds(1, 0),
  }),
]);

export const MATRIX: Matrix = {
  name: 'seeds',
  question: 'May the wait for <lockless> walkers move out from under the page-table lock & go?',
  source: 'a mail',
  families: [
    {
      scenario: 'retract-vs-pte-map',
      target: 'retract-vs-pte-map',
      question: 'A PTE table is retracted: may the wait move?',
      cpuNames: CPU_NAMES,
      without: null,
      results: [...MAINLINE, ...LATER, ...FOREIGN],
    },
    {
      scenario: 'retract-vs-pte-map',
      target: 'retract-vs-pte-map',
      question: 'A PTE table is retracted: may the wait move?',
      cpuNames: CPU_NAMES,
      without: null,
      results: named('mainline', [safe({ ...OFF, expected: null, ...rounds(0, 0) })]),
    },
  ],
};
