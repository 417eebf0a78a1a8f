/*
 * GUP-fast with interrupts off against a collapse that clears an entry, sends
 * an IPI to all and waits; the protocol of gup-system.mjs, one shared access
 * a step. N comes from the command line: spin -DN=4.
 */
byte irqsOff[N], pending[N];
byte acks = 0;
byte pmd = 1, pte = 1, freed = 0, refs = 1, kept = 0;

proctype walker(byte me)
{
	byte seen = 0;

	atomic { irqsOff[me] = 1 };
	atomic {
		seen = pmd;
		if
		:: seen != 1 -> goto out
		:: else
		fi
	};
	atomic {
		assert(!freed);
		if
		:: !pte -> goto out
		:: else
		fi
	};
	refs++;
	atomic {
		if
		:: pmd != seen -> goto drop
		:: else
		fi
	};
	atomic {
		assert(!freed);
		if
		:: !pte -> goto drop
		:: else
		fi
	};
	atomic { kept++; assert(pmd != 2) };
	goto out;
drop:
	refs--;
out:
	atomic { irqsOff[me] = 0; seen = 0 }
}

proctype delivery(byte me)
{
	atomic { pending[me] && !irqsOff[me] -> pending[me] = 0; acks++ }
}

proctype collapse()
{
	byte cpu;

	pmd = 0;
	atomic {
		cpu = 0;
		do
		:: cpu < N -> pending[cpu] = 1; cpu++
		:: else -> cpu = 0; break
		od
	};
	acks == N;
	atomic {
		if
		:: refs != 1 -> goto restore
		:: else
		fi
	};
	pte = 0;
	atomic { pmd = 2; assert(!kept) };
	freed = 1;
	goto done;
restore:
	pmd = 1;
done:
	skip
}

init {
	byte cpu = 0;

	atomic {
		do
		:: cpu < N -> run walker(cpu); run delivery(cpu); cpu++
		:: else -> cpu = 0; break
		od;
		run collapse()
	}
}
