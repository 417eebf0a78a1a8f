// SPDX-License-Identifier: Apache-2.0
/*
 * GUP-fast: take references to the pages behind user addresses with no lock
 * at all. Interrupts are off throughout, so a waited IPI sent after an entry
 * was cleared cannot end before the walk does. Each level reads its entry
 * once and goes down from that copy.
 *
 * After mm/gup.c, 6.12. Departs: no slow path; a huge page is one frame, which
 * stands for each of its parts; no limits on long-term pins.
 */
#include <linux/mm.h>
#include <linux/page-flags.h>

/* Which walk, and what it has found so far. */
struct gup_fast_walk {
	unsigned int flags;
	struct page **pages;
	int nr;
};

/* NULL if the page is being freed, or was part of another folio meanwhile. */
static struct folio *try_get_folio(struct page *page, int refs)
{
	struct folio *folio;

	for (;;) {
		folio = page_folio(page);
		if (WARN_ON_ONCE(folio_ref_count(folio) < 0))
			return NULL;
		if (unlikely(!folio_ref_try_add(folio, refs)))
			return NULL;
		if (likely(page_folio(page) == folio))
			return folio;
		folio_put_refs(folio, refs);
	}
}

static struct folio *try_grab_folio_fast(struct page *page, int refs, unsigned int flags)
{
	struct folio *folio;

	VM_WARN_ON_ONCE(!irqs_disabled());
	if (WARN_ON_ONCE(!(flags & (FOLL_GET | FOLL_PIN))))
		return NULL;
	folio = try_get_folio(page, refs);
	if (!folio || (flags & FOLL_GET))
		return folio;
	/* A pin is so many references that they cannot be other than pins. */
	folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));
	/* The count before the entry is read again. */
	smp_mb__after_atomic();
	return folio;
}

static void gup_put_folio(struct folio *folio, int refs, unsigned int flags)
{
	folio_put_refs(folio, flags & FOLL_PIN ? refs * GUP_PIN_COUNTING_BIAS : refs);
}

/* A read-only pin of a page that may be shared would not see what its owner writes. */
static bool gup_must_unshare(unsigned int flags, struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN)
		return false;
	if (!PageAnon(page))
		return false;
	/* Pairs with folio_try_share_anon_rmap_pte(): cleared, then the entry comes back. */
	smp_rmb();
	return !PageAnonExclusive(page);
}

/* Anonymous memory may always be taken; a file's might be truncated under us. */
static bool gup_fast_folio_allowed(struct folio *folio, unsigned int flags)
{
	unsigned long mapping;

	/* What keeps a file's mapping from being freed meanwhile. */
	lockdep_assert_irqs_disabled();
	mapping = (unsigned long)READ_ONCE(folio->page.mapping);
	if (mapping & PAGE_MAPPING_ANON)
		return true;
	return mapping && !((flags & FOLL_WRITE) && (flags & FOLL_LONGTERM));
}

/*
 * The recheck comes after the reference is taken: either it sees that the
 * entry went, or whoever cleared the entry sees the reference.
 */
static int gup_fast_pte_range(pmd_t pmd, pmd_t *pmdp, unsigned long addr, unsigned long end,
			      struct gup_fast_walk *walk)
{
	int ret = 0;
	pte_t *ptem, *ptep;

	ptem = ptep = pte_offset_map(&pmd, addr);
	if (!ptep)
		return 0;
	do {
		pte_t pte = ptep_get_lockless(ptep);
		struct page *page;
		struct folio *folio;

		if (pte_protnone(pte) || !pte_access_permitted(pte, walk->flags & FOLL_WRITE) ||
		    pte_special(pte))
			goto pte_unmap;
		VM_BUG_ON(!pfn_valid(pte_pfn(pte)));
		page = pte_page(pte);
		folio = try_grab_folio_fast(page, 1, walk->flags);
		if (!folio)
			goto pte_unmap;
		if (unlikely(pmd_val(pmd) != pmd_val(*pmdp)) ||
		    unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))) {
			gup_put_folio(folio, 1, walk->flags);
			goto pte_unmap;
		}
		if (!gup_fast_folio_allowed(folio, walk->flags)) {
			gup_put_folio(folio, 1, walk->flags);
			goto pte_unmap;
		}
		if (!pte_write(pte) && gup_must_unshare(walk->flags, page)) {
			gup_put_folio(folio, 1, walk->flags);
			goto pte_unmap;
		}
		walk->pages[walk->nr++] = page;
	} while (ptep++, addr += PAGE_SIZE, addr != end);
	ret = 1;

pte_unmap:
	pte_unmap(ptem);
	return ret;
}

static int gup_fast_pmd_leaf(pmd_t orig, pmd_t *pmdp, unsigned long addr, unsigned long end,
			     struct gup_fast_walk *walk)
{
	int refs = (int)((end - addr) >> PAGE_SHIFT);
	struct folio *folio;
	struct page *page;

	if (!pmd_access_permitted(orig, walk->flags & FOLL_WRITE))
		return 0;
	page = pmd_page(orig);
	folio = try_grab_folio_fast(page, refs, walk->flags);
	if (!folio)
		return 0;
	if (unlikely(pmd_val(orig) != pmd_val(*pmdp)) ||
	    !gup_fast_folio_allowed(folio, walk->flags) ||
	    (!pmd_write(orig) && gup_must_unshare(walk->flags, page))) {
		gup_put_folio(folio, refs, walk->flags);
		return 0;
	}
	for (int i = 0; i < refs; i++)
		walk->pages[walk->nr++] = page;
	return 1;
}

static int gup_fast_pmd_range(pud_t *pudp, pud_t pud, unsigned long addr, unsigned long end,
			      struct gup_fast_walk *walk)
{
	pmd_t *pmdp = pmd_offset_lockless(pudp, pud, addr);
	unsigned long next;

	(void)pudp;
	do {
		pmd_t pmd = pmdp_get_lockless(pmdp);

		next = pmd_addr_end(addr, end);
		if (!pmd_present(pmd))
			return 0;
		if (unlikely(pmd_leaf(pmd))) {
			/* NUMA balancing wants the fault. */
			if (pmd_protnone(pmd))
				return 0;
			if (!gup_fast_pmd_leaf(pmd, pmdp, addr, next, walk))
				return 0;
		} else if (!gup_fast_pte_range(pmd, pmdp, addr, next, walk)) {
			return 0;
		}
	} while (pmdp++, addr = next, addr != end);
	return 1;
}

static int gup_fast_pud_range(p4d_t *p4dp, p4d_t p4d, unsigned long addr, unsigned long end,
			      struct gup_fast_walk *walk)
{
	pud_t *pudp = pud_offset_lockless(p4dp, p4d, addr);
	unsigned long next;

	(void)p4dp;
	do {
		pud_t pud = pudp_get(pudp);

		next = pud_addr_end(addr, end);
		if (unlikely(!pud_present(pud)))
			return 0;
		if (WARN_ON_ONCE(pud_leaf(pud)))
			return 0;
		if (!gup_fast_pmd_range(pudp, pud, addr, next, walk))
			return 0;
	} while (pudp++, addr = next, addr != end);
	return 1;
}

static int gup_fast_p4d_range(pgd_t *pgdp, pgd_t pgd, unsigned long addr, unsigned long end,
			      struct gup_fast_walk *walk)
{
	p4d_t *p4dp = p4d_offset_lockless(pgdp, pgd, addr);
	unsigned long next;

	(void)pgdp;
	do {
		p4d_t p4d = p4dp_get(p4dp);

		next = p4d_addr_end(addr, end);
		if (!p4d_present(p4d) || p4d_leaf(p4d))
			return 0;
		if (!gup_fast_pud_range(p4dp, p4d, addr, next, walk))
			return 0;
	} while (p4dp++, addr = next, addr != end);
	return 1;
}

static void gup_fast_pgd_range(unsigned long addr, unsigned long end, struct gup_fast_walk *walk)
{
	pgd_t *pgdp = pgd_offset(current->mm, addr);
	unsigned long next;

	do {
		pgd_t pgd = pgdp_get(pgdp);

		next = pgd_addr_end(addr, end);
		if (pgd_none(pgd) || pgd_leaf(pgd))
			return;
		if (!gup_fast_p4d_range(pgdp, pgd, addr, next, walk))
			return;
	} while (pgdp++, addr = next, addr != end);
}

static int gup_fast(unsigned long start, unsigned long end, struct gup_fast_walk *walk)
{
	unsigned int seq = 0;
	unsigned long flags;

	/* Fork is copying: a pin now might end in a page that is then shared. */
	if (walk->flags & FOLL_PIN) {
		seq = raw_read_seqcount(&current->mm->write_protect_seq);
		if (seq & 1)
			return 0;
	}
	local_irq_save(flags);
	gup_fast_pgd_range(start, end, walk);
	local_irq_restore(flags);
	if ((walk->flags & FOLL_PIN) && read_seqcount_retry(&current->mm->write_protect_seq, seq)) {
		for (int i = 0; i < walk->nr; i++)
			gup_put_folio(page_folio(walk->pages[i]), 1, walk->flags);
		return 0;
	}
	return walk->nr;
}

/* How many of the pages it could take; never falls back to the slow path. */
int get_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags,
			     struct page **pages)
{
	struct gup_fast_walk walk = { .flags = gup_flags | FOLL_GET, .pages = pages };
	unsigned long from = start & PAGE_MASK;

	return gup_fast(from, from + ((unsigned long)nr_pages << PAGE_SHIFT), &walk);
}

/* The same for who will access the pages' data: DMA, say. */
int pin_user_pages_fast_only(unsigned long start, int nr_pages, unsigned int gup_flags,
			     struct page **pages)
{
	struct gup_fast_walk walk = { .flags = gup_flags | FOLL_PIN, .pages = pages };
	unsigned long from = start & PAGE_MASK;

	return gup_fast(from, from + ((unsigned long)nr_pages << PAGE_SHIFT), &walk);
}

/* One more pin of a folio that is pinned already. */
void folio_add_pin(struct folio *folio)
{
	WARN_ON_ONCE(folio_ref_count(folio) < GUP_PIN_COUNTING_BIAS);
	folio_ref_add(folio, GUP_PIN_COUNTING_BIAS);
}

void unpin_user_page(struct page *page)
{
	gup_put_folio(page_folio(page), 1, FOLL_PIN);
}
