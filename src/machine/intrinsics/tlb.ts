import { LOADED, type TlbFlush } from '../tlb.ts';
import { vaText } from '../tlb-entry.ts';
import { UnsupportedError } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/**
 * Root registers and TLB flushes. Where setup loaded no page tables, none of
 * these does anything. The kernel's own names are those of x86 and of riscv. Sources:
 * arch/x86/mm/tlb.c, arch/x86/include/asm/special_insns.h, arch/riscv/mm/tlbflush.c,
 * arch/riscv/include/asm/tlbflush.h (6.12); Intel SDM volume 3, 4.10; The RISC-V
 * Instruction Set Manual, volume II: SFENCE.VMA.
 */

const ALL_UPPER = { global: false, range: null, upper: 'all', reloadsTop: false } as const;
/** CR4.PGE off and on. */
const GLOBALS: TlbFlush = { ...ALL_UPPER, tag: 'all', global: true, reloadsTop: true };
/** A hypervisor's flush of a guest CPU. */
const GUEST: TlbFlush = { ...ALL_UPPER, tag: 'all' };

function pageFlush(call: Call, va: number, tag: TlbFlush['tag']): TlbFlush {
  const page = va - (va % 4096);
  const upper = call.machine.tlbs.format.pageFlushDropsUpper;
  return { ...ALL_UPPER, tag, range: [page, page + 4095], upper };
}

/** An argument that is a virtual address or a length. */
export function addressArgument(call: Call, lane: number): number {
  return call.high(lane) * 2 ** 32 + call.low(lane);
}

function cpuArgument(call: Call): number {
  const cpu = call.low(0);
  if (cpu >= call.machine.cpuCount)
    throw new UnsupportedError(
      `${call.name} names CPU ${cpu}, and there are ${call.machine.cpuCount}`,
    );
  return cpu;
}

/** Serialising instructions wait until the CPU's stores are in memory. */
function own(
  names: readonly string[],
  act: (call: Call) => void,
  describe: (call: Call) => string,
): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call) {
      if (!call.machine.tlbs.isInUse) return PROGRESS.done;
      if (!call.machine.model.passDrained(call.machine, call.context)) return PROGRESS.blocked;
      act(call);
      return PROGRESS.done;
    },
    describe,
  };
}

const writeCr3 = own(
  ['native_write_cr3'],
  (call) => call.machine.tlbs.loadRoot(call.cpu, call.low(0), call.high(0)),
  (call) =>
    `load root table ${vaText(call.machine.tlbs.format.root(call.low(0), call.high(0)).table)}`,
);

const flushLocal = own(
  ['native_flush_tlb_local'],
  (call) => call.machine.tlbs.flush(call.cpu, LOADED),
  () => 'flush own TLB',
);

const flushGlobal = own(
  ['native_flush_tlb_global'],
  (call) => call.machine.tlbs.flush(call.cpu, GLOBALS),
  () => 'flush own TLB, global entries too',
);

const flushOne = own(
  ['native_flush_tlb_one_user'],
  (call) => call.machine.tlbs.flush(call.cpu, pageFlush(call, addressArgument(call, 0), 'current')),
  (call) => `flush ${vaText(addressArgument(call, 0))} from own TLB`,
);

const fenceAsid = own(
  ['local_flush_tlb_all_asid'],
  (call) => call.machine.tlbs.flush(call.cpu, { ...ALL_UPPER, tag: call.low(0) }),
  (call) => `flush ASID ${call.low(0)} from own TLB`,
);

const fencePage = own(
  ['local_flush_tlb_page_asid'],
  (call) =>
    call.machine.tlbs.flush(call.cpu, pageFlush(call, addressArgument(call, 0), call.low(1))),
  (call) => `flush ${vaText(addressArgument(call, 0))} of ASID ${call.low(1)} from own TLB`,
);

const loadRoot: Intrinsic = {
  names: ['shootdown_load_root'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (machine.actor >= 0)
      throw new UnsupportedError(
        'shootdown_load_root is for setup(); a running CPU loads its root itself, by native_write_cr3 on x86',
      );
    machine.tlbs.loadRoot(cpuArgument(call), call.low(1), call.high(1));
    return PROGRESS.done;
  },
  describe: () => 'load root table',
};

/** Done when what the CPU stored through the old translations is in memory. */
function remote(
  names: readonly string[],
  what: (call: Call) => TlbFlush,
  describe: (call: Call) => string,
): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call) {
      const { machine } = call;
      const cpu = cpuArgument(call);
      if (!machine.tlbs.isInUse) return PROGRESS.done;
      // Both guards are looked at: what a parked step passes must stay the same.
      const theirs = machine.model.passDrainedFrom(machine, cpu);
      if (!machine.model.passDrained(machine, call.context) || !theirs) return PROGRESS.blocked;
      machine.tlbs.flush(cpu, what(call));
      return PROGRESS.done;
    },
    describe,
  };
}

const remoteFlush = remote(
  ['shootdown_remote_flush'],
  () => GUEST,
  (call) => `flush the TLB of CPU ${call.low(0)}, which notices nothing`,
);

const remoteFlushPage = remote(
  ['shootdown_remote_flush_page'],
  (call) => pageFlush(call, addressArgument(call, 1), 'current'),
  (call) =>
    `flush ${vaText(addressArgument(call, 1))} from the TLB of CPU ${call.low(0)}, which notices nothing`,
);

const ANY_TAG = 0xffffffff;
const UPPER = ['none', 'path', 'all'] as const;

/** Arguments: CPU, tag, first and last address, which upper entries. */
const remoteFlushRange = remote(
  ['shootdown_remote_flush_range'],
  (call) => {
    const upper = UPPER[call.low(4)];
    if (!upper)
      throw new UnsupportedError(`${call.name}: there is no kind ${call.low(4)} of upper`);
    const range = [addressArgument(call, 2), addressArgument(call, 3)] as const;
    const tag = call.low(1) === ANY_TAG ? 'all' : call.low(1);
    return { ...ALL_UPPER, tag, range, upper };
  },
  (call) =>
    `flush ${vaText(addressArgument(call, 2))} to ${vaText(addressArgument(call, 3))} from the TLB of CPU ${call.low(0)}, which notices nothing`,
);

/** Arguments: CPU, tag, first and last address, log2 of the size of the leaves. */
const remoteFlushLeaves = remote(
  ['shootdown_remote_flush_leaves'],
  (call) => ({
    ...ALL_UPPER,
    tag: call.low(1),
    range: [addressArgument(call, 2), addressArgument(call, 3)],
    upper: 'none',
    leafShift: call.low(4),
  }),
  (call) =>
    `flush leaves of ${2 ** call.low(4)} bytes at ${vaText(addressArgument(call, 2))} to ${vaText(addressArgument(call, 3))} from the TLB of CPU ${call.low(0)}, which notices nothing`,
);

const preempted: Intrinsic = {
  names: ['shootdown_preempted'],
  kind: 'intrinsic',
  run(call) {
    const cpu = cpuArgument(call);
    // A CPU that looks runs.
    return call.returns(cpu !== call.cpu && call.machine.choosePreempted() ? 1 : 0);
  },
  describe: (call) =>
    `is vCPU ${call.low(0)} preempted? ${call.machine.choice === 1 ? 'yes' : 'no'}`,
};

export const TLB: readonly Intrinsic[] = [
  writeCr3,
  flushLocal,
  flushGlobal,
  flushOne,
  fenceAsid,
  fencePage,
  loadRoot,
  remoteFlush,
  remoteFlushPage,
  remoteFlushRange,
  remoteFlushLeaves,
  preempted,
];
