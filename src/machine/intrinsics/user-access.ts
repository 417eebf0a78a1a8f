import { TAG_SHIFT } from '../shadow.ts';
import { vaText } from '../tlb-entry.ts';
import { placeOfData, setBits, type Way, waysOf, wayText } from '../translation.ts';
import { UnsupportedError } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS, type Progress } from './intrinsic.ts';
import { addressArgument } from './tlb.ts';

/** What user space and the page-table walker of a CPU do. Source: Intel SDM volume 3, 4.8 and 4.10. */

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
    // It may be on its way for a while: the page must be the same when it arrives.
    const pointerShadow = (way.entry.page << TAG_SHIFT) >>> 0;
    const store = { at, size: pointerBytes(call), ...value, pointerShadow, opens: false };
    machine.model.store(machine, call.context, { ...store, isUser: true });
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

/** Arguments: root register, address, where the value goes. What a CPU that had nothing cached would read. */
const userPeek: Intrinsic = {
  names: ['shootdown_user_peek'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const { tlbs } = machine;
    if (machine.actor >= 0)
      throw new UnsupportedError('shootdown_user_peek is for finish(): it walks memory as it is');
    const va = addressArgument(call, 1);
    const slots = tlbs.walkFrom(tlbs.format.root(call.low(0), call.high(0)).table, va);
    const level = slots.length - 1;
    if (level < 0) return call.returns(1);
    machine.peek(slots[level]!, 8);
    const { present, leaf, address } = tlbs.format.decode(level, machine.low, machine.high);
    const physical = address + (va % 2 ** tlbs.format.levels[level]!.shift);
    const frame = machine.space.frameOfPhysical(physical);
    if (!present || !leaf || !frame) return call.returns(1);
    const size = pointerBytes(call);
    const to = call.pointer(2, size);
    machine.peek(frame.at + (physical % 4096), size);
    machine.poke(to, size, machine.low, machine.high, machine.shadow);
    return call.returns(0);
  },
  describe: () => 'look at what is mapped',
};

export const USER_ACCESS: readonly Intrinsic[] = [userRead, userWrite, walk, userPeek];
