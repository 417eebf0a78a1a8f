// SPDX-License-Identifier: Apache-2.0
#include <linux/smp.h>
#include <asm/tlb.h>

#ifdef CONFIG_MMU_GATHER_RCU_TABLE_FREE
/* Running at all is the message: its CPU had interrupts on since the send. */
static void tlb_remove_table_smp_sync(void *arg)
{
	(void)arg;
}

/*
 * Waits for every walk that other CPUs began with interrupts off. No grace
 * period: a reader inside rcu_read_lock() alone is not waited for.
 */
void tlb_remove_table_sync_one(void)
{
	smp_call_function(tlb_remove_table_smp_sync, NULL, 1);
}
#endif
