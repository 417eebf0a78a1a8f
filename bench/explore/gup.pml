/*
 * Lockless walkers with interrupts off against one collapse that interrupts
 * them all and waits; the protocol of test/explore/toys/gup.ts. The handler of
 * the interrupt is a process of its own. Settings: -DN=4, -DSYNC=1.
 */
#define NONE 0
#define TABLE 1
#define HUGE 2

bool masked[N], called[N], mapped = true, released = false;
byte answers = 0, entry = TABLE, refs = 1, pins = 0;

proctype walker(byte cpu)
{
	byte found = NONE;

	masked[cpu] = true;
	atomic { found = entry };
	if
	:: found == TABLE ->
		atomic { assert(!released); if :: mapped -> skip :: else -> goto out fi };
		refs++;
		if
		:: atomic { entry == found ->
			skip }
			atomic { assert(!released); if :: mapped -> skip :: else -> goto back fi };
			atomic { assert(entry != HUGE); pins++ }
		:: entry != found ->
back:			refs--
		fi
	:: else
	fi;
out:
	atomic { masked[cpu] = false; found = NONE }
}

proctype handler(byte cpu)
{
#if SYNC
	atomic { called[cpu] && !masked[cpu] -> called[cpu] = false; answers++ }
#endif
	skip
}

proctype collapse()
{
	byte cpu = 0;

	entry = NONE;
#if SYNC
	atomic {
		do
		:: cpu < N -> called[cpu] = true; cpu++
		:: else -> break
		od;
		cpu = 0
	};
	answers == N;
#endif
	if
	:: refs == 1 ->
		mapped = false;
		atomic { assert(pins == 0); entry = HUGE };
		released = true
	:: refs != 1 ->
		entry = TABLE
	fi
}

init {
	byte cpu = 0;

	atomic {
		do
		:: cpu < N -> run walker(cpu); run handler(cpu); cpu++
		:: else -> break
		od;
		cpu = 0;
		run collapse()
	}
}
