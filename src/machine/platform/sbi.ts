import { type Call, PROGRESS, type Progress } from '../intrinsics/intrinsic.ts';
import { isInCpumask } from './cpu-mask.ts';
import type { Platform } from './platform.ts';

/**
 * riscv where remote fences are the firmware's: a call to it names the CPUs of
 * mm_cpumask, and it interrupts them in machine mode, which no masking of the
 * kernel's stops. So no IPI reaches the kernel, and no CPU that has interrupts
 * off is waited for. Source: __flush_tlb_range, arch/riscv/mm/tlbflush.c,
 * sbi_remote_sfence_vma_asid, arch/riscv/kernel/sbi.c (6.12).
 */
export const sbi: Platform = {
  name: 'sbi',
  architectures: ['riscv'],
  standsFor: '__flush_tlb_range, sbi_remote_sfence_vma_asid',
  flush,
  describeFlush(call) {
    if (call.phase === 0) return 'TLB flush: disable preemption';
    if (call.phase === 1) return `TLB flush: look at CPU ${call.local(0)}`;
    return call.phase === 2 ? 'TLB flush: the firmware has fenced' : 'TLB flush: enable preemption';
  },
};

/** Local 0: the next CPU of the mask. */
function flush(call: Call): Progress {
  const { machine, context } = call;
  switch (call.phase) {
    case 0:
      machine.addPreempt(context, 1);
      call.setLocal(0, 0);
      return call.proceed(1);
    case 1: {
      const cpu = call.local(0);
      if (cpu >= machine.cpuCount) return call.proceed(2);
      isInCpumask(call, 0, cpu);
      call.setLocal(0, cpu + 1);
      return PROGRESS.next;
    }
    case 2:
      return call.proceed(3);
    default:
      machine.addPreempt(context, -1);
      return PROGRESS.done;
  }
}
