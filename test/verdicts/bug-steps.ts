/**
 * The interleavings of `docs/bugs.md` in steps that can be looked for: for
 * each past bug what its shortest counterexample must contain, in order.
 * A line is the CPU's name in the scenario (`rcu` for a callback), then words
 * of `event in function`; ` ... ` stands for anything between two of them,
 * ` | ` for either (architectures differ). Other steps may lie between. `source` is the number in the corpus.
 */

export interface BugSteps {
  readonly source: string;
  readonly steps: string;
  /** Words of what went wrong, where the steps alone do not tell. */
  readonly says?: string;
}

/** Whether the words stand in the line in this order. */
function tells(line: string, words: readonly string[]): boolean {
  let from = 0;
  for (const word of words) {
    const at = line.indexOf(word, from);
    if (at < 0) return false;
    from = at + word.length;
  }
  return true;
}

/** The first step that the story, lines of `cpu: event in function`, lacks behind those before it; or null. */
export function missingStep(story: readonly string[], steps: string): string | null {
  let at = 0;
  for (const step of steps.trim().split('\n')) {
    const [, cpu, text] = /^\s*(\S+)\s+(.*)$/.exec(step)!;
    const choices = text.split(' | ').map((words) => words.split(' ... '));
    const isStep = (line: string): boolean =>
      line.startsWith(`${cpu}: `) && choices.some((words) => tells(line, words));
    while (at < story.length && !isStep(story[at])) at++;
    if (at === story.length) return step.trim();
    at++;
  }
  return null;
}

export const BUG_STEPS: Readonly<Record<string, BugSteps>> = {
  'gup-fast-pmd-recheck': {
    source: 'B1',
    steps: `
      gup-fast  read *pmd
      collapse  xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in | write *pmd = 0
      collapse  read page of ... : 1 in atomic_read
      gup-fast  cmpxchg page of ... 1 -> 2
      gup-fast  read frame
      collapse  xchg 0 on frame | cmpxchg frame ... -> 0 in | write frame
      collapse  atomic sub 1 on page of ... was 2`,
  },
  'collapse-and-free-pmd': {
    source: 'B2',
    steps: `
      gup-fast  read *pmd
      retract   xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in | write *pmd = 0
      retract   free frame
      gup-fast  read frame`,
  },
  'retract-vs-rmap-walk': {
    source: 'B3',
    steps: `
      rmap     read *pmd
      retract  xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in | write *pmd = 0
      retract  free frame
      rmap     read frame`,
  },
  'collapse-vs-secondary-mmu': {
    source: 'B4',
    steps: `
      collapse  xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in`,
    says: 'a secondary MMU was not told and still maps page',
  },
  'hugetlb-unshare-vs-split': {
    source: 'B6',
    steps: `
      split  write *pud = 0
      fault  write *pud
      split  write vma->vm_end`,
  },
  'huge-pmd-unshare-flush': {
    source: 'B7',
    steps: `
      unmap   write *pud = 0
      unmap   unlock i_mmap_rwsem
      sharer  xchg 0 on *pmd
      sharer  free frame
      user    user read of 0x40000000: ... cached before it was changed in memory`,
    says: 'after huge page was freed; it was not flushed',
  },
  'huge-pmd-unshare-refcount': {
    source: 'B8',
    steps: `
      speculate  cmpxchg refcount of the table: 1 -> 2
      unmap      read refcount of the table: 2
      unmap      atomic sub 1 on refcount of the table, was 2
      speculate  free frame`,
  },
  'move-ptes-vs-mkclean': {
    source: 'B11',
    steps: `
      mremap     xchg 0 on frame
      mremap     write frame
      mremap     unlock PTL
      writeback  xchg 0 on frame ... +0x8
      writeback  write frame ... +0x8
      user       user write of 0x40000000: ... cached before it was changed in memory`,
  },
  'move-normal-pmd-vs-rmap-walk': {
    source: 'B12',
    steps: `
      mremap  write old *pmd = 0
      rmap    read new *pmd: 0
      rmap    read old *pmd: 0`,
  },
  'split-migration-pmd': {
    source: 'B13',
    steps: `
      split  atomic xchg ... on *pmd, was 0x4000000004000000
      walk   read *pmd: 0x4000000004000800`,
    says: 'a migration entry is not taken for a page',
  },
  'gup-fast-vs-fork': {
    source: 'B15',
    steps: `
      fork  read refcount of the page: 1
      pin   read frame
      pin   cmpxchg refcount of the page
      fork  write frame`,
  },
  'touch-pmd-dirty': {
    source: 'B18',
    steps: `
      forced-write  write *pmd = ... in write_fault
      dontneed      xchg 0 on *pmd
      read          write *pmd = 0x80000000002000a5
      read          write *pmd = 0x80000000002000e5
      forced-write  read *pmd: 0x80000000002000e5`,
  },
  'switch-mm-vs-flush': {
    source: 'B22',
    steps: `
      munmap  write *pmd = 0
      munmap  read mm_cpumask: 0
      switch  atomic or 2 on mm_cpumask
      switch  load root table
      munmap  store reaches memory: *pmd = 0
      munmap  free frame`,
    says: 'freed while CPU 1 may still walk into it',
  },
  'tlb-remove-table-single': {
    source: 'B24',
    steps: `
      munmap  write *pmd = 0
      munmap  free frame`,
    says: 'freed while CPU 1 may still walk into it',
  },
  'tlb-flush-pending-bool': {
    source: 'B27',
    steps: `
      first   write tlb_flush_pending = 1
      second  write tlb_flush_pending = 1
      second  write frame
      first   write tlb_flush_pending = 0
      first   read tlb_flush_pending: 0
      first   read old page: 1
      user    user write of 0x40000000: ... cached before it was changed in memory`,
  },
  'dontneed-vs-dontneed': {
    source: 'B28',
    steps: `
      first   xchg 0 on frame
      second  read frame ... : 0 in
      second  write returned = 1
      user    read returned: 1
      user    user read of 0x40000000: ... cached before it was changed in memory`,
  },
  'numa-migrate-vs-mprotect': {
    source: 'B29',
    steps: `
      protect  write frame
      migrate  read frame
      migrate  read old page: 1
      migrate  write frame
      user     user write of 0x40000000: ... cached before it was changed in memory`,
  },
  'pmdp-invalidate-vs-dirty': {
    source: 'B34',
    steps: `
      split  read *pmd: 0x80000000040000a7
      user   the walker sets *pmd = 0x80000000040000e7
      split  write *pmd = 0x80000000040000a6`,
  },
  'change-huge-pmd-vs-dontneed': {
    source: 'B35',
    steps: `
      numa      xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in
      dontneed  read *pmd: 0
      numa      write *pmd | cmpxchg *pmd: 0 -> 0x`,
  },
  'pfnmap-unmap-vs-munmap': {
    source: 'B37',
    steps: `
      munmap  xchg 0 on frame
      munmap  write i_mmap = 0
      revoke  read i_mmap: 0
      revoke  free frame
      user    user read of 0x40000000: ... cached before it was changed in memory`,
    says: 'after page of the driver was freed; it was not flushed',
  },
  'pmd-read-atomic': {
    source: 'B38',
    steps: `
      walk   read high half of *pmd: 0
      fault  cmpxchg *pmd: 0 ->
      walk   read low half of *pmd: 0x40000067`,
  },
  'pmd-none-or-clear-bad': {
    source: 'B39',
    steps: `
      dontneed  xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in | write *pmd = 0
      walk      read *pmd: 0
      fault     write *pmd | cmpxchg *pmd: 0 -> 0x
      walk      read *pmd ... in pmd_none_or_clear_bad
      walk      read *pmd ... in pmd_none_or_clear_bad`,
  },
  'kvm-steal-time-flush': {
    source: 'B40',
    steps: `
      preempted  read steal_time.preempted: 1
      flusher    cmpxchg steal_time.preempted: 1 -> 3
      flusher    free frame
      preempted  write steal_time.preempted = 0
      preempted  user read of 0x40000000: ... cached before it was changed in memory`,
    says: 'after page was freed; it was not flushed',
  },
  'kvm-fault-vs-invalidate': {
    source: 'B41',
    steps: `
      guest  cmpxchg page of ... : 1 -> 2
      unmap  write lock mmu_lock
      unmap  xchg 0 on frame | cmpxchg frame ... -> 0 in
      unmap  write lock mmu_lock
      guest  write lock mmu_lock
      guest  the secondary MMU maps the page`,
    says: 'a secondary MMU maps page, which the page tables do not map at',
  },
  'collapse-vs-uffdio-copy': {
    source: 'B52',
    steps: `
      collapse  xchg 0 on frame | cmpxchg frame ... -> 0 in
      collapse  unlock PTL
      uffd      write frame
      collapse  xchg 0 on *pmd | cmpxchg *pmd: ... -> 0 in
      rcu       free frame`,
  },
  'reclaim-pt-vs-fault': {
    source: 'B53',
    steps: `
      zap    xchg 0 on frame
      zap    unlock PTL
      fault  write frame
      zap    xchg 0 on frame
      zap    write *pmd = 0
      rcu    free frame`,
  },
};
