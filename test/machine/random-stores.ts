/**
 * Random C programs about store buffers: stores and loads of several widths
 * to two places, what waits for a buffer to be empty and what does not, and
 * what drains somebody else's. Many programs are one C file, chosen by
 * variant, so that they are compiled at once.
 */

import { type Random, randomFrom } from './random-handlers.ts';

export interface RandomStores {
  readonly text: string;
  readonly variants: readonly string[];
}

const PLACES = ['x', 'y'];
/** By weight: mixed sizes are rare in code, and every program would be about them. */
const WORDS = ['w[0]', 'w[0]', 'w[0]', 'w[0]', 'w[1]'];
/** `q` is one access on a machine of 64 bits, on one of 32 two. */
export const PARTS = {
  x86_64: [...WORDS, 'h[0]', 'h[1]', 'q'],
  'i386-pae': [...WORDS, 'q'],
} as const;

function statement(random: Random, cpu: number, parts: readonly string[]): string {
  const place = (): string => `${PLACES[random(PLACES.length)]!}.${parts[random(parts.length)]!}`;
  const access = (): string =>
    random(2)
      ? `WRITE_ONCE(${place()}, ${1 + random(2)});`
      : `seen = seen * 3 + READ_ONCE(${place()});`;
  switch (random(16)) {
    case 0:
      return 'mb();';
    case 1:
      return `__atomic_fetch_add(&z[${cpu}], 1, __ATOMIC_SEQ_CST);`;
    case 2:
      return `__atomic_fetch_add(&${PLACES[random(2)]!}.w[0], 1, __ATOMIC_SEQ_CST);`;
    case 3:
      return `spin_lock(&lock); ${access()} spin_unlock(&lock);`;
    case 4:
      return `rcu_read_lock(); ${access()} rcu_read_unlock();`;
    case 5:
      return random(2) ? `call_rcu(&heads[${cpu}], called_back);` : 'synchronize_rcu();';
    case 6:
      return `smp_call_function(${random(2) ? 'nothing' : 'stores'}, NULL, 1);`;
    case 7:
      return `local_irq_disable(); ${access()} local_irq_enable();`;
    default:
      return access();
  }
}

/** `count` programs of two CPUs, with three statements each. */
export function randomStores(seed: number, count: number, widths: readonly string[]): RandomStores {
  const random = randomFrom(seed);
  const variants = Array.from({ length: count }, (_, program) => `p${program}`);
  const parts = [
    `#define mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
static union { unsigned long long q; unsigned int w[2]; unsigned short h[4]; } __aligned(8) x, y;
static struct { int v; } __aligned(8) said[2];
static int z[2];
static spinlock_t lock;
static struct rcu_head heads[2];

static void called_back(struct rcu_head *head)
{
	(void)head;
	WRITE_ONCE(x.w[0], 5);
	WRITE_ONCE(y.w[0], READ_ONCE(x.w[0]));
}

static void stores(void *info)
{
	(void)info;
	WRITE_ONCE(x.w[0], READ_ONCE(y.w[0]) + 4);
	WRITE_ONCE(y.w[0], 4);
}

static void nothing(void *info)
{
	(void)info;
}
`,
  ];
  const functions = [0, 1].map((cpu) => {
    const cases = variants.map((name) => {
      const lines = Array.from({ length: 3 }, () => statement(random, cpu, widths));
      return `\tif (variant(${name})) {\n\t\t${lines.join('\n\t\t')}\n\t}`;
    });
    return `void cpu${cpu}(void)
{
	unsigned int seen = 0;

${cases.join('\n')}
	said[${cpu}].v = seen + 1;
}
`;
  });
  return { text: [...parts, ...functions].join('\n'), variants };
}
