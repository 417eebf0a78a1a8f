// SPDX-License-Identifier: Apache-2.0
/*
 * @question A CPU waits for an IPI while it holds the page-table lock. Who may have
 *   interrupts off meanwhile?
 * @source the contract of smp_call_function(), kernel/smp.c, Linux 6.12
 * @cpu 0 sender: takes the PMD's lock and waits for the others' answer under it
 * @cpu 1 spinner: takes the same lock
 * @variant interrupts-on: both keep interrupts on
 * @variant spinner-off: the spinner takes the lock with interrupts off, cannot answer,
 *   and spins for ever on a lock that waits for its answer
 * @variant sender-off: the sender itself has interrupts off
 * @arch x86_64 i386-pae arm64 riscv s390 powerpc
 * @platform native kvm hyperv xen invlpgb sbi hash
 * @config PARAVIRT
 * @expect interrupts-on * * safe
 * @expect spinner-off * * PARAVIRT=y unsafe deadlock
 * @expect spinner-off powerpc * unsafe deadlock
 * @expect spinner-off s390 * unsafe deadlock
 * @expect spinner-off arm64 * unsafe deadlock
 * @expect spinner-off riscv * unsafe deadlock
 * @expect sender-off powerpc * unsafe ipi-with-irqs-off
 * @expect sender-off s390 * unsafe ipi-with-irqs-off
 * @expect sender-off arm64 * unsafe ipi-with-irqs-off
 * @expect sender-off riscv * unsafe ipi-with-irqs-off
 * @expect spinner-off x86_64 invlpgb unsafe deadlock
 * @expect sender-off * * PARAVIRT=y unsafe ipi-with-irqs-off
 * @expect sender-off x86_64 invlpgb unsafe ipi-with-irqs-off
 * @expect * * * PARAVIRT=n safe
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <asm/tlb.h>
#include <shootdown/address-space.h>

void setup(void)
{
	make_mm(2);
	make_upper_tables();
}

static void sync_under_lock(void)
{
	spinlock_t *ptl = pmd_lock(mm, pmd);

	tlb_remove_table_sync_one();
	spin_unlock(ptl);
}

static void take_lock(void)
{
	spin_unlock(pmd_lock(mm, pmd));
}

static void with_interrupts_off(void (*work)(void))
{
	unsigned long flags;

	local_irq_save(flags);
	work();
	local_irq_restore(flags);
}

void cpu0(void)
{
	if (variant(sender_off))
		with_interrupts_off(sync_under_lock);
	else
		sync_under_lock();
}

void cpu1(void)
{
	if (variant(spinner_off))
		with_interrupts_off(take_lock);
	else
		take_lock();
}
