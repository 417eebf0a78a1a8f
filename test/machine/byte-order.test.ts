/**
 * What a corpus of C cannot show of the byte order: which bytes are undefined,
 * what a store on its way to memory answers, what the machine itself writes
 * into the program and reads from it. Each on a machine of either kind.
 */

import { describe, expect, it } from 'vitest';
import { readKernelLayout } from '../../src/machine/kernel-layout.ts';
import { type ArchName, buildText, check, outcomes } from './build-system.ts';

const BOTH: readonly ArchName[] = ['x86_64', 's390'];

describe.each(BOTH)('%s: undefined bytes are those that nobody wrote', (arch) => {
  const text = (read: string): string => `
    static unsigned char shared;
    static unsigned long long wide;
    static void keep(void *p) { (void)p; }
    void cpu0(void)
    {
      unsigned long long local;
      keep(&local);
      ((unsigned char *)&local)[1] = 5;
      ((unsigned short *)&local)[2] = 0x1234;
      ${read}
    }
    void cpu1(void) { (void)READ_ONCE(shared); (void)READ_ONCE(wide); }`;

  it.each([
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[1]);', []],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[4]);', []],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[5]);', []],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[0]);', ['undefined-value']],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[2]);', ['undefined-value']],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[3]);', ['undefined-value']],
    ['WRITE_ONCE(shared, ((unsigned char *)&local)[6]);', ['undefined-value']],
    ['WRITE_ONCE(wide, local);', ['undefined-value']],
    ['WRITE_ONCE(wide, ((unsigned int *)&local)[1] >> 16);', ['undefined-value']],
  ])('%s', async (read, expected) => {
    expect((await check(text(read), { arch })).properties).toEqual(expected);
  });
});

// Only x86 has store buffers that a user can ask for; the machine's code is for both.
describe.each(BOTH)('%s: a store on its way answers narrower loads', (arch) => {
  const little = arch !== 's390';
  it.each([
    ['unsigned char', 0, little ? 0x08 : 0x01],
    ['unsigned char', 6, little ? 0x02 : 0x07],
    ['unsigned short', 1, little ? 0x0506 : 0x0304],
    ['unsigned int', 1, little ? 0x01020304 : 0x05060708],
  ])('%s number %i', async (type, at, value) => {
    const text = `
      static unsigned long long wide;
      static unsigned int r;
      void cpu0(void) { WRITE_ONCE(wide, 0x0102030405060708); r = ((volatile ${type} *)&wide)[${at}]; }
      void cpu1(void) { (void)READ_ONCE(wide); }`;
    const found = await outcomes(text, { r: [value, 0] }, { arch, model: 'tso' });
    expect(found).toEqual([`r=${value}`]);
  });
});

describe.each(BOTH)('%s: what the machine and the program tell each other', (arch) => {
  it('the layout of the kernel', async () => {
    const { program } = await buildText('void cpu0(void) { }', { arch });
    const layout = readKernelLayout(program)!;
    expect(layout).toMatchObject({ pageBytes: 64, pageRefcountOffset: 52, gfpZero: 0x100 });
    expect(layout.cpumaskBytes).toBe(8);
  });

  it('arrays that boot fills', async () => {
    const text = `
      extern unsigned long __per_cpu_offset[];
      static unsigned long found[2];
      void cpu0(void) { found[0] = __per_cpu_offset[0]; found[1] = __per_cpu_offset[2]; }
      void finish(void)
      {
        shootdown_require("assertion", found[0] == 0x40000 && found[1] == 3 * 0x40000, "in order");
      }`;
    expect((await check(text, { arch })).properties).toEqual([]);
  });

  it('the variant', async () => {
    const text = `
      void finish(void) { shootdown_require("assertion", variant(b), "the second"); }
      void cpu0(void) { }`;
    const options = { arch, variants: ['a', 'b', 'c'], variant: 1 };
    expect((await check(text, options)).properties).toEqual([]);
  });
});

it('halves of a value lie where the byte order has them', async () => {
  const machineOf = async (arch: ArchName) =>
    (await buildText('void cpu0(void) { }', { arch })).open().machine;
  const little = await machineOf('x86_64');
  const big = await machineOf('s390');
  expect([little.halfAt(16, 8, false), little.halfAt(16, 8, true)]).toEqual([16, 20]);
  expect([big.halfAt(16, 8, false), big.halfAt(16, 8, true)]).toEqual([20, 16]);
  // A value of six bytes: four low ones and two above.
  expect([little.halfAt(16, 6, false), little.halfAt(16, 6, true)]).toEqual([16, 20]);
  expect([big.halfAt(16, 6, false), big.halfAt(16, 6, true)]).toEqual([18, 16]);
});
