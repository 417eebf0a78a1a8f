/** Pieces of C for tests of TLBs: an address space of two pages, and flushes by interrupt. */

/** `space(cpus)`: `addr` maps `page`, which holds 7; `addr2`, the next page, is not mapped. The CPUs have it loaded. */
export const SPACE = `
#include <shootdown/address-space.h>
#include <shootdown/hardware.h>
#include <asm/special_insns.h>
static unsigned long r0, r1, done;
static int fault, fault1;
static struct page *page, *page2, *table;
static const unsigned long addr2 = 0x40001000UL;
static unsigned long *data(struct page *of) { return lowmem_page_address(of); }
static void space(int cpus) {
  make_mm(cpus); make_upper_tables(); table = make_pte_table();
  page = make_table("page"); page2 = make_table("page 2");
  *data(page) = 7; *data(page2) = 9;
}
static pte_t *slot(unsigned long address) { return pte_offset_map(pmd, address); }
static void map_page(unsigned long address, struct page *of, pgprot_t prot) {
  pte_t *pte = slot(address);
  set_pte(pte, mk_pte(of, prot)); pte_unmap(pte);
}
static void unmap_page(unsigned long address) {
  pte_t *pte = slot(address);
  ptep_get_and_clear(mm, address, pte); pte_unmap(pte);
}
static void flush_here(void *info) { (void)info; native_flush_tlb_local(); }
static void flush_others(void) { smp_call_function(flush_here, NULL, 1); }
static void load_all(int cpus) { for (int cpu = 0; cpu < cpus; cpu++) load_mm(cpu, mm); }
`;

/** `addr` mapped for both CPUs. */
export const MAPPED = `${SPACE}
void setup(void) { space(2); map_page(addr, page, PAGE_SHARED); load_all(2); }
`;

/** CPU 1 reads `addr` once CPU 0 says so. 2: it was not told. */
export const READER = `
void cpu1(void) { fault = READ_ONCE(done) ? shootdown_user_read(addr, &r0) : 2; }
`;

/** The same for architectures whose kernel code flushes by instructions that reach all CPUs. */
export const BROADCAST = `
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/hardware.h>
static unsigned long r0, r1;
static int fault, fault1;
static struct page *page;
static pte_t *slot(void) { return pte_offset_map(pmd, addr); }
void setup(void) {
  make_mm(2); make_upper_tables(); make_pte_table(); page = make_table("page");
  *(unsigned long *)lowmem_page_address(page) = 7;
  install_pte(mk_pte(page, PAGE_SHARED));
  load_mm(0, mm); load_mm(1, mm);
}
`;
