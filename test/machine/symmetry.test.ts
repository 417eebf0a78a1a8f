/** Why the machine's CPUs are not called alike: decision 0010, the first of its reasons, as a program. */

import { expect, it } from 'vitest';
import { outcomes } from './build-system.ts';

/**
 * CPUs 1 and 2 run the same code; one of them, `it`, has arrived. CPU 0 looks
 * at them from the lowest number up, and the other one arrives only once CPU 0
 * has looked at the first.
 */
const arrived = (it: number): string => `
  static const int it = ${it};
  static int arrived[3], looking, one, other;
  static void walk(int cpu) { if (READ_ONCE(looking)) WRITE_ONCE(arrived[cpu], 1); }
  void setup(void) { arrived[it] = 1; }
  void cpu0(void)
  {
    for (int cpu = 1; cpu <= 2; cpu++) {
      if (cpu == it) one = READ_ONCE(arrived[cpu]); else other = READ_ONCE(arrived[cpu]);
      WRITE_ONCE(looking, 1);
    }
  }
  void cpu1(void) { walk(1); }
  void cpu2(void) { walk(2); }`;

it('two states that differ in the names of two CPUs have different futures', async () => {
  const values = { one: [0, 1], other: [0, 1] };
  expect(await outcomes(arrived(1), values)).toEqual(['one=1 other=0', 'one=1 other=1']);
  expect(await outcomes(arrived(2), values)).toEqual(['one=1 other=0']);
});
