import { PROGRESS } from '../intrinsics/intrinsic.ts';
import { isInCpumask } from './cpu-mask.ts';
import { flushElsewhere } from './flush-elsewhere.ts';
import { flushByIpi } from './native.ts';
import type { Platform } from './platform.ts';
import { describeIpi } from './waited-ipi.ts';

/**
 * KVM guest: vCPUs that are found preempted are left out of the set and
 * flushed by the host before they run again; the others get the native IPI.
 * A preempted vCPU may be in the middle of an interrupts-off walk. Being
 * preempted costs no step of its own: the reader of the flag chooses, while
 * the printed budget lasts. Nothing keeps that vCPU still afterwards; the
 * schedules in which it stays away are among those explored. Source:
 * kvm_flush_tlb_multi, arch/x86/kernel/kvm.c (6.12).
 */
export const kvm: Platform = {
  name: 'kvm',
  standsFor: 'flush_tlb_mm_range, kvm_flush_tlb_multi, native_flush_tlb_multi',
  flush(call) {
    const { machine } = call;
    // Local 2: the mask after the preempted were dropped. Local 3: next CPU. Phase 0 is kvm's loop, then the native flush.
    if (call.phase === 1)
      return flushElsewhere(call, call.local(3) - 1) ? call.proceed(0) : PROGRESS.blocked;
    if (call.phase !== 0) return flushByIpi(call, 10, (cpu) => (call.local(2) & (1 << cpu)) !== 0);
    const cpu = call.local(3);
    if (cpu >= machine.cpuCount) return call.proceed(10);
    call.setLocal(3, cpu + 1);
    if (cpu === call.cpu || !isInCpumask(call, 0, cpu)) return call.proceed(0);
    // The host flushes it before it runs again, which may be at once: so at once.
    if (machine.choosePreempted()) return call.proceed(machine.tlbs.isInUse ? 1 : 0);
    call.setLocal(2, call.local(2) | (1 << cpu));
    return call.proceed(0);
  },
  describeFlush(call) {
    if (call.phase === 1) return `TLB flush: vCPU ${call.local(3) - 1} flushed by the host`;
    if (call.phase !== 0) return describeIpi(call, 10, 'TLB flush');
    return `TLB flush: is vCPU ${call.local(3)} preempted? ${call.machine.choice === 1 ? 'yes: left out' : 'no'}`;
  },
};
