import type { TlbFlush } from '../tlb.ts';
import { vaText } from '../tlb-entry.ts';
import { placeOfData, setBits, type Way, waysOf, wayText } from '../translation.ts';
import { UnsupportedError } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS, type Progress } from './intrinsic.ts';

/**
 * Root registers, TLB flushes, and what user space and the page-table walker
 * do. The kernel's own names are those of x86. Sources: arch/x86/mm/tlb.c,
 * arch/x86/include/asm/special_insns.h (6.12); Intel SDM volume 3, 4.10.
 */

const ALL_UPPER = { global: false, range: null, upper: 'all', reloadsTop: false } as const;
/** A write of CR3 with the value it has. */
const OWN: TlbFlush = { ...ALL_UPPER, tag: 'current', reloadsTop: true };
/** CR4.PGE off and on. */
const GLOBALS: TlbFlush = { ...ALL_UPPER, tag: 'all', global: true, reloadsTop: true };
/** A hypervisor's flush of a guest CPU. */
const GUEST: TlbFlush = { ...ALL_UPPER, tag: 'all' };

function pageFlush(call: Call, va: number, tag: TlbFlush['tag']): TlbFlush {
  const page = va - (va % 4096);
  const upper = call.machine.tlbs.format.pageFlushDropsUpper;
  return { ...ALL_UPPER, tag, range: [page, page + 4095], upper };
}

function addressArgument(call: Call, lane: number): number {
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
  (call) => call.machine.tlbs.flush(call.cpu, OWN),
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
      if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
      if (machine.tlbs.isInUse && !machine.model.passDrainedFrom(machine, cpu))
        return PROGRESS.blocked;
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

type Access = 'read' | 'write' | 'walk';

/** A walk that finds its translation cached does nothing, whichever it finds. */
function waysOfAccess(call: Call, va: number, access: Access): Way[] {
  const ways = waysOf(call.machine, call.cpu, va, access === 'write');
  if (access !== 'walk') return ways;
  const cached = ways.findIndex(({ kind }) => kind === 'through');
  return ways.filter(({ kind }, at) => kind !== 'through' || at === cached);
}

/** The ways of an access, one of them chosen. More than one is a step, whoever else looks. */
function chooseWay(call: Call, va: number, access: Access): Way {
  const { machine } = call;
  if (call.context >= machine.cpuCount)
    throw new UnsupportedError(
      `${call.name} is for the code of a CPU, not for setup() or a callback`,
    );
  if (!machine.tlbs.isLoaded(call.cpu))
    throw new UnsupportedError(
      `${call.name}: CPU ${call.cpu} has no page tables loaded; call load_mm() in setup()`,
    );
  const ways = waysOfAccess(call, va, access);
  if (ways.length > 1) machine.recordChoice(call.context);
  return ways[ways.length > 1 ? machine.choose(ways.length) : 0]!;
}

function describeAccess(call: Call, access: Access): string {
  if (call.phase !== 0) return 'store the value read';
  const { machine } = call;
  const va = addressArgument(call, 0);
  const way = waysOfAccess(call, va, access)[machine.choice];
  const who = access === 'walk' ? 'hardware walk' : `user ${access}`;
  return `${who} of ${vaText(va)}: ${wayText(machine, way)}`;
}

function pointerBytes(call: Call): number {
  return call.machine.arch.target.pointerBits / 8;
}

/** Local 0 to 2: the value read. */
const userRead: Intrinsic = {
  names: ['shootdown_user_read'],
  kind: 'intrinsic',
  run(call): Progress {
    const { machine } = call;
    const size = pointerBytes(call);
    if (call.phase === 1) {
      const [low, high, shadow] = [call.local(0), call.local(1), call.local(2)];
      const pointerShadow = call.shadow(1);
      const at = call.pointer(1, size);
      const store = { at, size, low, high, shadow, pointerShadow, opens: false };
      machine.model.store(machine, call.context, store);
      return call.returns(0);
    }
    const va = addressArgument(call, 0);
    const way = chooseWay(call, va, 'read');
    if (way.kind === 'fault') return call.returns(1);
    if (way.kind === 'set') {
      setBits(machine, way);
      return PROGRESS.next;
    }
    const at = placeOfData(machine, call.cpu, va, way, 'reads');
    if (!machine.model.load(machine, call.context, at, size, 0)) return PROGRESS.blocked;
    [machine.low, machine.high, machine.shadow].forEach((word, i) => {
      call.setLocal(i, word);
    });
    return call.proceed(1);
  },
  describe: (call) => describeAccess(call, 'read'),
};

const userWrite: Intrinsic = {
  names: ['shootdown_user_write'],
  kind: 'intrinsic',
  run(call): Progress {
    const { machine } = call;
    const va = addressArgument(call, 0);
    const way = chooseWay(call, va, 'write');
    if (way.kind === 'fault') return call.returns(1);
    if (way.kind === 'set') {
      setBits(machine, way);
      return PROGRESS.next;
    }
    const at = placeOfData(machine, call.cpu, va, way, 'writes');
    const value = { low: call.low(1), high: call.high(1), shadow: call.shadow(1) };
    const store = { at, size: pointerBytes(call), ...value, pointerShadow: 0, opens: false };
    machine.model.store(machine, call.context, store);
    return call.returns(0);
  },
  describe: (call) => describeAccess(call, 'write'),
};

const walk: Intrinsic = {
  names: ['shootdown_walk'],
  kind: 'intrinsic',
  run(call): Progress {
    const { machine } = call;
    const way = chooseWay(call, addressArgument(call, 0), 'walk');
    if (way.kind === 'fault') return call.returns(1);
    if (way.kind === 'set') setBits(machine, way);
    return call.returns(0);
  },
  describe: (call) => describeAccess(call, 'walk'),
};

export const TLB: readonly Intrinsic[] = [
  writeCr3,
  flushLocal,
  flushGlobal,
  flushOne,
  loadRoot,
  remoteFlush,
  remoteFlushPage,
  userRead,
  userWrite,
  walk,
];
