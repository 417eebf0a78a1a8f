import { expect, it } from 'vitest';
import { outcomes } from './build-system.ts';

const SPACE = `
#include <shootdown/address-space.h>
#include <shootdown/hardware.h>
static unsigned long r0, done; static int fault;
static struct page *page;
static void space(void) {
  make_mm(2); make_upper_tables(); make_pte_table();
  page = make_table("page");
  install_pte(mk_pte(page, PAGE_SHARED));
  *(unsigned long *)lowmem_page_address(page) = 7;
}
`;

it('a cleared entry may still be used', async () => {
  const text = `${SPACE}
void setup(void) { space(); load_mm(0, mm); load_mm(1, mm); }
void cpu0(void) { pte_t *pte = pte_offset_map(pmd, addr); ptep_get_and_clear(mm, addr, pte); pte_unmap(pte); WRITE_ONCE(done, 1); }
void cpu1(void) { if (READ_ONCE(done)) fault = shootdown_user_read(addr, &r0); else fault = 2;}
`;
  expect(await outcomes(text, { r0: [0, 7], fault: [0, 1, 2] })).toEqual([
    'r0=0 fault=1',
    'r0=0 fault=2',
    'r0=7 fault=0',
  ]);
});
