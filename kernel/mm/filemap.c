// SPDX-License-Identifier: Apache-2.0
/* After mm/filemap.c, 6.12. Departs: a file has one folio. */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>

/* With a reference, and locked. */
struct folio *filemap_lock_folio(struct address_space *mapping)
{
	struct folio *folio = READ_ONCE(mapping->folio);

	if (!folio || !folio_try_get(folio))
		return NULL;
	folio_lock(folio);
	if (unlikely(folio->page.mapping != mapping)) {
		folio_unlock(folio);
		folio_put(folio);
		return NULL;
	}
	return folio;
}
