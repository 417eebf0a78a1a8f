/**
 * What kbuild calls our architectures, and which configuration symbols make a
 * tree fit for checking. The configuration decides verdicts: on i386 without
 * HIGHPTE every page table lies in low memory, and no torn entry can exist.
 */

/** The architectures that a real tree can be built for. */
export const KERNEL_ARCHITECTURES = ['x86_64', 'i386-pae'] as const;
export type KernelArchitecture = (typeof KERNEL_ARCHITECTURES)[number];

export interface KernelArchitectureSettings {
  /** Value of make's `ARCH`. */
  readonly arch: string;
  /** Folder below `arch/`. */
  readonly folder: string;
  /** Symbols set on top of the defconfig. `X86_PAE` and the like follow from these. */
  readonly config: Readonly<Record<string, boolean>>;
}

const GUEST: Readonly<Record<string, boolean>> = {
  TRANSPARENT_HUGEPAGE: true,
  HYPERVISOR_GUEST: true,
  PARAVIRT: true,
  KVM_GUEST: true,
  HYPERV: true,
};

export const KERNEL_ARCHITECTURE_SETTINGS: Readonly<
  Record<KernelArchitecture, KernelArchitectureSettings>
> = {
  x86_64: { arch: 'x86_64', folder: 'x86', config: GUEST },
  'i386-pae': {
    arch: 'i386',
    folder: 'x86',
    // The memory size is a choice: the defconfig's own answer has to go.
    config: { ...GUEST, HIGHMEM4G: false, HIGHMEM64G: true, X86_PAE: true, HIGHPTE: true },
  },
};

/** Compiled unless other files are asked for. */
export const DEFAULT_KERNEL_FILES: readonly string[] = [
  'mm/pgtable-generic.c',
  'mm/mmu_gather.c',
  'mm/gup.c',
  'mm/khugepaged.c',
  'mm/memory.c',
  'arch/x86/mm/pgtable.c',
];

/** Symbols recorded in the manifest besides those that were asked for: each can change a verdict or a layout. */
export const RECORDED_SYMBOLS: readonly string[] = [
  ...['ARCH_USE_QUEUED_SPINLOCKS', 'DEBUG_SPINLOCK', 'DEBUG_VM', 'FLATMEM', 'GUP_GET_PXX_LOW_HIGH'],
  ...['HIGHMEM', 'HIGHMEM64G', 'HIGHPTE', 'HYPERV', 'HZ'],
  ...['INIT_STACK_ALL_ZERO', 'KSM', 'KVM_GUEST', 'MEMCG', 'MMU_GATHER_RCU_TABLE_FREE'],
  ...['MMU_GATHER_TABLE_FREE', 'MMU_NOTIFIER', 'NR_CPUS', 'NUMA', 'PARAVIRT', 'PARAVIRT_SPINLOCKS'],
  ...['PARAVIRT_XXL', 'PER_VMA_LOCK', 'PGTABLE_LEVELS', 'PREEMPT', 'PREEMPTION', 'PREEMPT_COUNT'],
  ...['PREEMPT_DYNAMIC', 'PREEMPT_RCU', 'PREEMPT_RT', 'PROVE_LOCKING', 'PT_RECLAIM', 'SMP'],
  ...['SPARSEMEM_VMEMMAP', 'SPLIT_PMD_PTLOCKS', 'SPLIT_PTE_PTLOCKS', 'TRANSPARENT_HUGEPAGE'],
  ...['USERFAULTFD', 'X86_64', 'X86_PAE', 'XEN_PV'],
];
