import { type Call, PROGRESS, type Progress } from '../intrinsics/intrinsic.ts';
import { LOADED } from '../tlb.ts';
import { Violation } from '../violation.ts';

/**
 * What smp_call_function_many_cond comes to for a handler that runs no code
 * anybody sees: per CPU, read the mask, then queue and send; run the local
 * part with interrupts off; wait. The wait for all acknowledgements is one
 * step: waiting for one after the other changes nothing that another CPU
 * can see in between. Source: kernel/smp.c (6.12).
 */
export interface WaitedIpi {
  /** Phase numbers from here on are the IPI's. */
  readonly base: number;
  /** Whether a CPU gets one; may be a visible step of its own. */
  wants(call: Call, cpu: number): boolean;
  /** Also run the handler here, interrupts off (SCF_RUN_LOCAL). */
  readonly runsLocally: boolean;
  readonly waits: boolean;
  send(call: Call, cpu: number): void;
}

/** Local 0: the next CPU; local 1: the CPUs that were sent to. Phases: base preempt off, +1 look, +2 send, +3 irq off, +4 irq on, +5 wait, +6 preempt on. */
export function runIpi(call: Call, ipi: WaitedIpi): Progress | 'over' {
  const { machine, context } = call;
  switch (call.phase - ipi.base) {
    case 0:
      if (machine.irqsOff(context)) {
        throw new Violation(
          'ipi-with-irqs-off',
          `${call.name} sends IPIs with interrupts off: two CPUs that do so wait for each other for ever`,
        );
      }
      machine.addPreempt(context, 1);
      call.setLocal(0, 0);
      call.setLocal(1, 0);
      return call.proceed(ipi.base + 1);
    case 1: {
      const cpu = call.local(0);
      if (cpu >= machine.cpuCount) return call.proceed(ipi.base + (ipi.runsLocally ? 3 : 5));
      if (cpu !== call.cpu && ipi.wants(call, cpu)) return call.proceed(ipi.base + 2);
      call.setLocal(0, cpu + 1);
      return PROGRESS.next;
    }
    case 2: {
      // Queueing the call is a locked operation.
      if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
      const cpu = call.local(0);
      ipi.send(call, cpu);
      call.setLocal(1, call.local(1) | (1 << cpu));
      call.setLocal(0, cpu + 1);
      return call.proceed(ipi.base + 1);
    }
    case 3:
      // Interrupts off and the local flush in one: masking commutes with all
      // that other CPUs do, so it can as well come right before the flush.
      if (machine.tlbs.isInUse && !machine.model.passDrained(machine, context))
        return PROGRESS.blocked;
      machine.setIrqsOff(context, true);
      machine.tlbs.flush(call.cpu, LOADED);
      return call.proceed(ipi.base + 4);
    case 4:
      machine.setIrqsOff(context, false);
      return call.proceed(ipi.base + 5);
    case 5:
      if (ipi.waits && call.local(1) !== 0 && !machine.passAcked(context, call.local(1)))
        return PROGRESS.blocked;
      machine.endLoan(context);
      return call.proceed(ipi.base + 6);
    default:
      machine.addPreempt(context, -1);
      return 'over';
  }
}

export function describeIpi(call: Call, base: number, what: string): string {
  const cpu = call.local(0);
  switch (call.phase - base) {
    case 0:
      return `${what}: disable preemption`;
    case 1:
      return `${what}: look at CPU ${cpu}`;
    case 2:
      return `${what}: send IPI to CPU ${cpu}`;
    case 3:
      return `${what}: interrupts off for the local part`;
    case 4:
      return `${what}: local part done, interrupts on`;
    case 5:
      return `${what}: wait for ${cpuList(call.local(1))}`;
    default:
      return `${what}: enable preemption`;
  }
}

export function cpuList(mask: number): string {
  const cpus: string[] = [];
  for (let cpu = 0; cpu < 32; cpu++) if (mask & (1 << cpu)) cpus.push(String(cpu));
  return cpus.length === 0 ? 'nobody' : `CPU ${cpus.join(', ')}`;
}
