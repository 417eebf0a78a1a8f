import { PASS } from '../../explore/system.ts';
import { PROPERTIES, type Property } from '../../trace/format.ts';
import { UnsupportedError, Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/** What scenario.h promises. */

const alloc: Intrinsic = {
  names: ['shootdown_alloc'],
  kind: 'intrinsic',
  run: (call) => call.returnsAddress(call.machine.allocateHeap(call.low(0), textArgument(call, 1))),
  describe: () => 'allocate',
};

const require: Intrinsic = {
  names: ['shootdown_require'],
  kind: 'intrinsic',
  run(call) {
    if (call.low(1) !== 0) return PROGRESS.done;
    const property = textArgument(call, 0);
    if (!(PROPERTIES as readonly string[]).includes(property)) {
      throw new UnsupportedError(
        `shootdown_require names the property "${property}"; known are ${PROPERTIES.join(', ')}`,
      );
    }
    throw new Violation(property as Property, textArgument(call, 2));
  },
  describe: (call) => `require: ${textArgument(call, 2)}`,
};

const choose: Intrinsic = {
  names: ['shootdown_choose'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (machine.actor < 0)
      throw new UnsupportedError('shootdown_choose is for the CPUs, not for setup() or finish()');
    if (call.low(0) === 0)
      throw new UnsupportedError('shootdown_choose(0) has nothing to choose from');
    // A choice is a step even though nobody else sees it: its alternatives are explored there.
    machine.recordChoice(call.context);
    return call.returns(machine.choose(call.low(0)));
  },
  describe: (call) => `choose ${call.machine.choice} of ${call.low(0)}`,
};

const awaitValue: Intrinsic = {
  names: ['shootdown_await'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const at = call.pointer(0, 4);
    machine.access(at, 4, PASS, call.shadow(0));
    machine.peek(at, 4);
    return machine.low === call.low(1) ? PROGRESS.done : PROGRESS.blocked;
  },
  describe(call) {
    const at = call.machine.translate(call.low(0), call.high(0), 4);
    return `wait until ${at < 0 ? 'a word' : call.machine.space.nameOf(at)} is ${call.low(1)}`;
  },
};

const cpuNumber: Intrinsic = {
  names: ['shootdown_cpu'],
  kind: 'intrinsic',
  run: (call) => call.returns(call.cpu),
  describe: () => 'own CPU number',
};

const name: Intrinsic = {
  names: ['shootdown_name'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const at = call.pointer(0, 1);
    if (machine.actor < 0) machine.space.name(at, call.low(1), textArgument(call, 2));
    return PROGRESS.done;
  },
  describe: () => 'name',
};

function textArgument(call: Call, lane: number): string {
  const { machine } = call;
  let text = '';
  for (let i = 0n; i < 200n; i++) {
    const address = call.address(lane) + i;
    const at = machine.resolve(Number(address & 0xffffffffn), Number(address >> 32n), 0, 1);
    machine.peek(at, 1);
    if (machine.low === 0) break;
    text += String.fromCharCode(machine.low);
  }
  return text;
}

function report(names: readonly string[], property: Property, text: string): Intrinsic {
  return {
    names,
    kind: 'intrinsic',
    run(call) {
      throw new Violation(property, `${text} in ${call.caller?.name ?? 'the kernel'}`);
    },
    describe: () => text,
  };
}

export const SCENARIO: readonly Intrinsic[] = [
  alloc,
  require,
  choose,
  awaitValue,
  cpuNumber,
  name,
  report(['shootdown_bug', 'llvm.trap', 'llvm.debugtrap'], 'bug', 'BUG() reached'),
  report(['shootdown_warn', '__warn_printk'], 'warn', 'WARN() reached'),
];
