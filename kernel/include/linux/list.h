// SPDX-License-Identifier: Apache-2.0
#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <linux/types.h>

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	WRITE_ONCE(list->next, list);
	WRITE_ONCE(list->prev, list);
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	struct list_head *first = head->next;

	first->prev = entry;
	entry->next = first;
	entry->prev = head;
	WRITE_ONCE(head->next, entry);
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	WRITE_ONCE(entry->prev->next, entry->next);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

#endif
