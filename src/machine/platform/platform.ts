import type { Call, Progress } from '../intrinsics/intrinsic.ts';

/**
 * How TLBs of other CPUs are flushed here. One file per platform that real trees
 * have, one line in `index.ts`. In this form `flush_tlb_mm_range` is the border of the real
 * code on every platform; its visible steps are those of the kernel function
 * it stands for.
 */
export interface Platform {
  readonly name: string;
  /** Kernel functions that its flush stands for, for the verdict. */
  readonly standsFor: string;
  /** Why no hardware walks the kernel's page tables here, so that a CPU cannot have them loaded. */
  readonly withoutWalker?: string;
  /** `flush_tlb_mm_range`, from entry to return. Arguments: mm, start, end, stride_shift, freed_tables. */
  flush(call: Call): Progress;
  describeFlush(call: Call): string;
}
