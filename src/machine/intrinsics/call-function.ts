import { READ } from '../../explore/system.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { cpuList } from '../platform/waited-ipi.ts';
import { Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS, type Progress } from './intrinsic.ts';
import { functionArgument } from './rcu.ts';

/**
 * smp_call_function_many_cond, kernel/smp.c (6.12): the one way in which a CPU
 * makes others run something. Arguments: mask, func, info, scf_flags,
 * cond_func. The condition is asked CPU by CPU, by the sender, as code: what
 * it looks at may change meanwhile (explorer rule 3). Left out: the csd of an
 * earlier call without wait that is still in use; sending after all are
 * queued: here a target may run as soon as it is queued, which is more.
 */

const MASK = 0;
const FUNC = 1;
const INFO = 2;
const FLAGS = 3;
const CONDITION = 4;

const SCF_WAIT = 1;
const SCF_RUN_LOCAL = 2;

/** What a flush or its kin sends, for the mutation that forgets a CPU. */
const FLUSH_HANDLERS = new Set(['flush_tlb_func', '__ipi_flush_tlb_range_asid', 'do_serialize']);

/** Locals. */
const TARGETS = 0;
const SENT = 1;
const NEXT = 2;
const RUNS_LOCALLY = 3;

const PHASE = {
  enter: 0,
  self: 1,
  selfAsked: 2,
  copyMask: 3,
  look: 4,
  asked: 5,
  send: 6,
  localBegin: 7,
  localRun: 8,
  localEnd: 9,
  wait: 10,
} as const;

/** One read of the mask's word. CPUs that there are not are left out. */
function readMask(call: Call): number {
  const { machine } = call;
  const bytes = machine.arch.target.pointerBits / 8;
  const at = call.pointer(MASK, bytes);
  machine.access(at, bytes, READ, call.shadow(MASK));
  machine.peek(at, bytes);
  return machine.low & ((1 << machine.cpuCount) - 1);
}

function lanesOf(call: Call, lane: number): number[] {
  return [call.low(lane), call.high(lane), call.shadow(lane)];
}

function condition(call: Call): ProgramFunction | null {
  return call.address(CONDITION) === 0n ? null : functionArgument(call, CONDITION);
}

function ask(call: Call, func: ProgramFunction, cpu: number, phase: number): Progress {
  return call.calls(func, [cpu, 0, 0, ...lanesOf(call, INFO)], phase);
}

function send(call: Call, cpu: number): void {
  const { machine, context } = call;
  const func = functionArgument(call, FUNC);
  // A mutation: one CPU is told that it will be flushed, and is not.
  if (machine.mutation === 'flush-skips-a-cpu' && cpu === 1 && FLUSH_HANDLERS.has(func.name))
    return;
  const waits = (call.low(FLAGS) & SCF_WAIT) !== 0;
  const [low, high, shadow] = lanesOf(call, INFO) as [number, number, number];
  machine.send(cpu, context, func, low, high, shadow, waits);
  call.setLocal(SENT, call.local(SENT) | (1 << cpu));
}

function run(call: Call): Progress {
  const { machine, context } = call;
  switch (call.phase) {
    case PHASE.enter:
      if (machine.irqsOff(context)) {
        throw new Violation(
          'ipi-with-irqs-off',
          `${call.caller?.name ?? call.name} sends IPIs with interrupts off: two CPUs that do so wait for each other for ever`,
        );
      }
      if (machine.preemptCount(context) === 0)
        throw new Violation('warn', `${call.name} is called with preemption on`);
      return call.proceed((call.low(FLAGS) & SCF_RUN_LOCAL) === 0 ? PHASE.copyMask : PHASE.self);
    case PHASE.self: {
      if ((readMask(call) & (1 << call.cpu)) === 0) return call.proceed(PHASE.copyMask);
      const func = condition(call);
      if (func) return ask(call, func, call.cpu, PHASE.selfAsked);
      call.setLocal(RUNS_LOCALLY, 1);
      return call.proceed(PHASE.copyMask);
    }
    case PHASE.selfAsked:
      call.setLocal(RUNS_LOCALLY, call.calleeSaidYes() ? 1 : 0);
      return call.proceed(PHASE.copyMask);
    case PHASE.copyMask:
      call.setLocal(TARGETS, readMask(call) & ~(1 << call.cpu));
      return call.proceed(PHASE.look);
    case PHASE.look: {
      let cpu = call.local(NEXT);
      while (cpu < machine.cpuCount && !(call.local(TARGETS) & (1 << cpu))) cpu++;
      call.setLocal(NEXT, cpu);
      if (cpu >= machine.cpuCount)
        return call.proceed(call.local(RUNS_LOCALLY) ? PHASE.localBegin : PHASE.wait);
      const func = condition(call);
      return func ? ask(call, func, cpu, PHASE.asked) : call.proceed(PHASE.send);
    }
    case PHASE.asked:
      if (call.calleeSaidYes()) return call.proceed(PHASE.send);
      call.setLocal(NEXT, call.local(NEXT) + 1);
      return call.proceed(PHASE.look);
    case PHASE.send:
      // Queueing the call is a locked operation.
      if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
      send(call, call.local(NEXT));
      call.setLocal(NEXT, call.local(NEXT) + 1);
      return call.proceed(PHASE.look);
    case PHASE.localBegin:
      machine.setIrqsOff(context, true);
      return call.proceed(PHASE.localRun);
    case PHASE.localRun:
      return call.calls(functionArgument(call, FUNC), lanesOf(call, INFO), PHASE.localEnd);
    case PHASE.localEnd:
      machine.setIrqsOff(context, false);
      return call.proceed(PHASE.wait);
    default: {
      const sent = call.low(FLAGS) & SCF_WAIT ? call.local(SENT) : 0;
      if (sent !== 0 && !machine.passAcked(context, sent)) return PROGRESS.blocked;
      machine.endLoan(context);
      return PROGRESS.done;
    }
  }
}

function describe(call: Call): string {
  const what = functionArgument(call, FUNC).name;
  const cpu = call.local(NEXT);
  switch (call.phase) {
    case PHASE.self:
    case PHASE.copyMask:
      return `${what}: read the mask of CPUs`;
    case PHASE.send:
      return `${what}: send IPI to CPU ${cpu}`;
    case PHASE.localBegin:
      return `${what}: interrupts off for the local part`;
    case PHASE.localEnd:
      return `${what}: local part done, interrupts on`;
    case PHASE.wait:
      return `${what}: wait for ${cpuList(call.local(SENT))}`;
    default:
      return `${what}: CPU ${cpu}`;
  }
}

const manyCond: Intrinsic = {
  names: ['smp_call_function_many_cond'],
  kind: 'intrinsic',
  run,
  describe,
};

export const CALL_FUNCTION: readonly Intrinsic[] = [manyCond];
