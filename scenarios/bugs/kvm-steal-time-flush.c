// SPDX-License-Identifier: Apache-2.0
/*
 * @question A guest leaves a preempted vCPU out of a TLB flush and sets a bit for the host,
 *   which flushes before it lets the vCPU run. The host works on a copy of the guest's
 *   record: can the bit be lost?
 * @source B40 of docs/bugs.md, CVE-2019-3016: "x86/KVM: Make sure KVM_VCPU_FLUSH_TLB flag is
 *   not missed", b043138246a4, Linux 5.6
 * @cpu 0 flusher: a vCPU that unmaps a page, flushes and frees it
 * @cpu 1 preempted: the host enters a vCPU that was preempted, whose user space then reads
 *   the page
 * @variant before: the record is copied, looked at, and written back
 * @variant fixed: one exchange on the guest's memory
 * @arch x86_64
 * @platform native
 * @expect before * * unsafe stale-translation
 * @expect fixed * * safe
 */
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <asm/tlbflush.h>
#include <shootdown/address-space.h>
#include <shootdown/user-memory.h>

#define KVM_VCPU_PREEMPTED 1U
#define KVM_VCPU_FLUSH_TLB 2U

/* kvm_steal_time.preempted of CPU 1: the host's note that it does not run. */
static unsigned int preempted = KVM_VCPU_PREEMPTED;
static struct page *page;

void setup(void)
{
	make_mm(2);
	make_upper_tables();
	make_pte_table();
	page = make_user_page(1, "page");
	install_pte(mk_pte(page, PAGE_SHARED));
	shootdown_name(&preempted, sizeof(preempted), "steal_time.preempted");
	load_mm(1, mm);
}

/*
 * kvm_flush_tlb_multi(), for the one other vCPU: not the linked one of platform kvm, whose
 * host answers at once. Here the host is code, and its answer the question.
 */
static void kvm_flush_tlb(void)
{
	unsigned int state = READ_ONCE(preempted);

	if ((state & KVM_VCPU_PREEMPTED) &&
	    __atomic_compare_exchange_n(&preempted, &state, state | KVM_VCPU_FLUSH_TLB, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	flush_tlb_page(vma, addr);
}

void cpu0(void)
{
	pte_t *pte = pte_offset_map(pmd, addr);

	ptep_get_and_clear(mm, addr, pte);
	pte_unmap(pte);
	kvm_flush_tlb();
	put_page(page);
}

/* record_steal_time() of the host. */
static unsigned int take_preempted(void)
{
	unsigned int copy;

	if (variant(fixed))
		return __atomic_exchange_n(&preempted, 0, __ATOMIC_SEQ_CST);
	copy = READ_ONCE(preempted);
	WRITE_ONCE(preempted, 0);
	return copy;
}

/* What the host does here on the vCPU's behalf is one more thing no IPI to it interrupts. */
void cpu1(void)
{
	unsigned long value, flags;

	local_irq_save(flags);
	if (take_preempted() & KVM_VCPU_FLUSH_TLB)
		native_flush_tlb_local();
	local_irq_restore(flags);
	shootdown_user_read(addr, &value);
}
