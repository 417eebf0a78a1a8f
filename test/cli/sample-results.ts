/**
 * Hand-made results for the tests of reports: the shape of a real check,
 * with the corners that matter to a layout (a deferred callback, nested
 * locks, an interrupt, long names).
 */

import type { CheckResult, TraceStep } from '../../src/trace/format.ts';

export const CPU_NAMES: readonly string[] = ['collapser', 'walker', 'faulter'];

const GENERIC = 'kernel/mm/pgtable-generic.c';
const SCENARIO = 'scenarios/retract-vs-pte-map.c';

export const STEPS: readonly TraceStep[] = [
  step(1, '__pte_offset_map', GENERIC, 61, 'rcu_read_lock', {}),
  step(1, 'pmdp_get_lockless_start', GENERIC, 24, 'interrupts off', { irqsOff: true }),
  step(0, 'retract', SCENARIO, 71, 'locks PTL of the PMD', { locks: ['PTL of the PMD'] }),
  step(0, 'retract', SCENARIO, 72, 'takes the lock nested in it', {
    locks: ['PTL of the PMD', 'PTL of the table'],
  }),
  step(1, 'pmdp_get_lockless', GENERIC, 33, 'reads the low half of the PMD: 0x00100067', {
    irqsOff: true,
  }),
  step(0, 'pmdp_collapse_flush', GENERIC, 88, 'clears the PMD: 0x0000000100100067 -> 0', {
    locks: ['PTL of the PMD', 'PTL of the table'],
  }),
  step(0, 'flush_tlb_mm_range', 'kernel/mm/tlb.c', 17, 'hypercall: flush CPU 1 and CPU 2', {
    locks: ['PTL of the PMD', 'PTL of the table'],
  }),
  step(2, 'call_function', 'kernel/mm/tlb.c', 44, 'acknowledges the IPI of CPU 0', {
    context: 'interrupt',
  }),
  step(2, '', '', 0, 'goes on after the interrupt', {}),
  step(0, 'retract', SCENARIO, 80, 'unlocks both', { locks: [] }),
  step(2, 'pmd_install', 'kernel/mm/memory.c', 112, 'locks PTL of the PMD', {
    locks: ['PTL of the PMD'],
  }),
  step(
    2,
    'pmd_populate',
    'kernel/arch/x86/include/asm/pgalloc.h',
    51,
    'stores 0x0000000200200067',
    {
      locks: ['PTL of the PMD'],
    },
  ),
  step(-1, 'pte_free_now', GENERIC, 140, 'a grace period ends', { context: 'callback' }),
  step(1, 'pmdp_get_lockless', GENERIC, 35, 'reads the high half of the PMD: 0x00000002', {
    irqsOff: true,
  }),
  step(1, 'pmdp_get_lockless_end', GENERIC, 29, 'interrupts on', { irqsOff: false }),
  step(1, '__pte_offset_map', GENERIC, 70, 'uses 0x0000000200100067 as a table', {}),
];

function step(
  cpu: number,
  name: string,
  file: string,
  line: number,
  event: string,
  rest: Pick<TraceStep, 'locks' | 'irqsOff' | 'context'>,
): TraceStep {
  return { cpu, function: name, file, line, event, ...rest };
}

const SAFE: CheckResult = {
  formatVersion: 1,
  scenario: 'retract-vs-pte-map',
  variant: 'mainline',
  kernel: 'builtin',
  config: { HIGHPTE: true, PARAVIRT: true },
  era: '6.12',
  arch: 'i386-pae',
  platform: 'native',
  memory: 'tso',
  verdict: 'safe',
  expected: 'safe',
  property: null,
  message: '',
  executions: 182,
  states: 0,
  transitions: 3200,
  seconds: 0.12,
  violations: [],
  ipiRounds: { total: 2, underPtl: 1, executions: 'all' },
  assumptions: {
    fromTree: ['__pte_offset_map', 'pmdp_collapse_flush', 'pmdp_get_lockless', 'pte_free_defer'],
    intrinsics: ['_raw_spin_lock', '_raw_spin_unlock', 'call_rcu', 'smp_call_function'],
    stubs: [],
    bounds: {
      scope: { cpus: 3, frames: ['1M', '4G+1M', '8G+1M'], preemptions: 0, stackZeroed: true },
      cuts: [],
    },
  },
  search: {
    kind: 'stateless',
    why: 'no CPUs are known to be alike',
    order: null,
    symmetric: false,
    commutingAdds: true,
    executions: 182,
    traces: 182,
    asleep: 0,
    states: 2900,
    transitions: 3200,
    looks: 700,
    deepest: 31,
    instructions: { visible: 3200, merged: 41_000 },
    madeVisible: 14,
    restarts: 3,
    seconds: { compiling: 0.4, exploring: 0.12, shortening: 0 },
    bytesPerState: null,
    bytesPerStep: 2_400,
  },
  counterexample: null,
};

export function safe(change: Partial<CheckResult> = {}): CheckResult {
  return { ...SAFE, ...change };
}

export function unsafe(change: Partial<CheckResult> = {}): CheckResult {
  return safe({
    variant: 'sync-after-unlock',
    platform: 'hyperv',
    verdict: 'unsafe',
    expected: 'unsafe torn-entry',
    property: 'torn-entry',
    message:
      'CPU 1 (walker) uses 0x0000000200100067 as a page table, a value that the PMD never held: its low half was read before CPU 0 cleared the entry, its high half after CPU 2 had installed another table.',
    violations: [{ property: 'torn-entry', site: `${GENERIC}:70 __pte_offset_map` }],
    counterexample: {
      schedule: 'v1.9d3c01aa.16.1x2.0x2.1.0x2.2.0.2x2.5.1x3',
      shortest: true,
      steps: STEPS,
    },
    ...change,
  });
}

const KVM_SCOPE: CheckResult['assumptions'] = {
  ...SAFE.assumptions,
  bounds: { scope: { ...SAFE.assumptions.bounds.scope, preemptions: 1 }, cuts: [] },
};

/** Two variants on two architectures, one result of each kind, one not as expected. */
export const RESULTS: readonly CheckResult[] = [
  safe(),
  safe({ platform: 'kvm', assumptions: KVM_SCOPE }),
  safe({ platform: 'hyperv' }),
  safe({ arch: 'x86_64', config: { PARAVIRT: true } }),
  safe({ arch: 'x86_64', config: { PARAVIRT: true }, platform: 'invlpgb', era: '6.18' }),
  safe({ variant: 'sync-after-unlock', expected: 'unsafe torn-entry' }),
  unsafe({ platform: 'kvm', assumptions: KVM_SCOPE }),
  unsafe(),
  safe({
    variant: 'sync-after-unlock',
    arch: 'x86_64',
    config: { PARAVIRT: true },
    verdict: 'inconclusive',
    message: 'stopped after 30 s (--timeout), 1,204 executions covered',
  }),
  safe({
    variant: 'sync-after-unlock',
    arch: 'x86_64',
    config: { PARAVIRT: true },
    platform: 'invlpgb',
    era: '6.18',
  }),
];
