// SPDX-License-Identifier: Apache-2.0
/* The files of x86, for kernel/kernel.c. */
#include "mm/pgtable.c"
#include "mm/tlb.c"
#include "kernel/kvm.c"
#include "hyperv/mmu.c"
#include "xen/mmu_pv.c"

DEFINE_PER_CPU(struct pcpu_hot, pcpu_hot);
