// SPDX-License-Identifier: Apache-2.0
/* What changes mappings, as a second translation unit: see kernel.c. */
#include "mm/filemap.c"
#include "mm/rmap.c"
#include "kernel/events/core.c"

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
#include "mm/khugepaged.c"
#include "mm/khugepaged-file.c"
#include "mm/khugepaged-file-6.1.c"

/* What asks for more entry helpers than walking and collapsing do. */
#ifdef CONFIG_ARCH_HAS_ENTRY_HELPERS
#include "mm/fault.c"
#include "mm/fork.c"
#include "mm/huge_memory.c"
#include "mm/hugetlb.c"
#include "mm/ksm.c"
#include "mm/mprotect.c"
#include "mm/mremap.c"
#include "mm/pt_reclaim.c"
#include "mm/reclaim.c"
#include "mm/vma.c"
#include "mm/zap.c"
#ifdef CONFIG_X86
#include "mm/upper-tables.c"
#endif
#endif
#endif
