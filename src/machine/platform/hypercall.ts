import { type Call, PROGRESS, type Progress } from '../intrinsics/intrinsic.ts';
import { Violation } from '../violation.ts';
import { isInCpumask } from './cpu-mask.ts';
import { flushElsewhere } from './flush-elsewhere.ts';
import type { Platform } from './platform.ts';

/** A flush that the hypervisor does: nobody in the guest is interrupted, and nobody is waited for. */
export function hypercallFlush(
  name: string,
  standsFor: string,
  guard: 'irq' | 'preempt',
): Platform {
  return {
    name,
    standsFor,
    flush: (call) => run(call, guard),
    describeFlush: (call) => describe(call, guard),
  };
}

/** Local 0: the next CPU of the mask. */
function run(call: Call, guard: 'irq' | 'preempt'): Progress {
  const { machine, context } = call;
  switch (call.phase) {
    case 0:
      if (machine.irqsOff(context))
        throw new Violation(
          'ipi-with-irqs-off',
          'flush_tlb_mm_range is called with interrupts off',
        );
      machine.addPreempt(context, 1);
      return call.proceed(1);
    case 1:
      if (guard === 'irq') machine.setIrqsOff(context, true);
      call.setLocal(0, 0);
      return call.proceed(2);
    case 2: {
      const cpu = call.local(0);
      if (cpu >= machine.cpuCount) return call.proceed(3);
      const isWanted = isInCpumask(call, 0, cpu);
      if (isWanted && machine.tlbs.isInUse) return call.proceed(5);
      call.setLocal(0, cpu + 1);
      return PROGRESS.next;
    }
    case 5: {
      const cpu = call.local(0);
      if (!flushElsewhere(call, cpu)) return PROGRESS.blocked;
      call.setLocal(0, cpu + 1);
      return call.proceed(2);
    }
    case 3:
      // Leaving for the hypervisor drains the store buffer.
      if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
      if (guard === 'irq') machine.setIrqsOff(context, false);
      return call.proceed(4);
    default:
      machine.addPreempt(context, -1);
      return PROGRESS.done;
  }
}

function describe(call: Call, guard: 'irq' | 'preempt'): string {
  switch (call.phase) {
    case 0:
      return 'TLB flush: disable preemption';
    case 1:
      return guard === 'irq' ? 'TLB flush: interrupts off' : 'TLB flush: begin multicall';
    case 2:
      return `TLB flush: look at CPU ${call.local(0)}`;
    case 5:
      return `TLB flush: CPU ${call.local(0)} flushed by the hypervisor`;
    case 3:
      return 'TLB flush: hypercall returned, nobody was interrupted';
    default:
      return 'TLB flush: enable preemption';
  }
}
