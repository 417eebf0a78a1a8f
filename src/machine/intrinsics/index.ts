import { ARITHMETIC } from './arithmetic.ts';
import { ASSERTIONS } from './assertions.ts';
import { CALL_FUNCTION } from './call-function.ts';
import { FLUSH } from './flush.ts';
import { HANDLERS } from './handler.ts';
import { INTERRUPTS } from './interrupts.ts';
import type { Intrinsic } from './intrinsic.ts';
import { LOCKS } from './locks.ts';
import { MEMORY } from './memory.ts';
import { NMIS } from './nmi.ts';
import { PAGES } from './pages.ts';
import { PATCHED_CODE } from './patched-code.ts';
import { RCU } from './rcu.ts';
import { READ_WRITE_LOCKS } from './read-write-locks.ts';
import { SCENARIO } from './scenario.ts';
import { SECONDARY_MMU } from './secondary-mmu.ts';
import { SLEEPING_LOCKS } from './sleeping-locks.ts';
import { STUBS } from './stubs.ts';
import { TLB } from './tlb.ts';
import { USER_ACCESS } from './user-access.ts';

/** Every kernel function that the machine implements. A row in docs/machine.md for each. */
export const INTRINSICS: readonly Intrinsic[] = [
  ...LOCKS,
  ...READ_WRITE_LOCKS,
  ...SLEEPING_LOCKS,
  ...RCU,
  ...INTERRUPTS,
  ...CALL_FUNCTION,
  ...FLUSH,
  ...TLB,
  ...USER_ACCESS,
  ...PAGES,
  ...PATCHED_CODE,
  ...SCENARIO,
  ...ASSERTIONS,
  ...SECONDARY_MMU,
  ...MEMORY,
  ...ARITHMETIC,
  ...STUBS,
  ...HANDLERS,
  ...NMIS,
];

const byName = new Map<string, number>();
const byPrefix: [string, number][] = [];
INTRINSICS.forEach((intrinsic, index) => {
  for (const name of intrinsic.names) {
    if (name.startsWith('llvm.') && name.endsWith('.')) byPrefix.push([name, index]);
    else byName.set(name, index);
  }
});

/** The number of the intrinsic that stands for a function, -1 for none. */
export function intrinsicIndex(name: string): number {
  const exact = byName.get(name);
  if (exact !== undefined) return exact;
  return byPrefix.find(([prefix]) => name.startsWith(prefix))?.[1] ?? -1;
}
