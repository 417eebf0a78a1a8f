/**
 * Random C programs about cross-CPU calls: globals that all touch, words of
 * each CPU, sections with interrupts off or under a lock, waits, calls that
 * are waited for or not, perhaps under the lock, handlers that wait or take
 * the lock, an argument that its sender writes before and perhaps too early
 * after.
 * Many programs are one C file, chosen by variant, so that they are compiled
 * at once.
 */

export interface RandomHandlers {
  readonly text: string;
  readonly variants: readonly string[];
  /** Globals whose values at the end tell executions apart. */
  readonly names: readonly string[];
}

export type Random = (below: number) => number;

/** A small generator of its own, for the same programs everywhere. Source: mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const GLOBALS = ['x', 'y'];

/** Waits until a global has some value: perhaps for ever. */
function wait(random: Random): string {
  return `shootdown_await(&${GLOBALS[random(GLOBALS.length)]!}.v, ${random(3)});`;
}

/** One access, of code or of a handler. What is read goes into `seen`. */
function access(random: Random, mine: string): string {
  const global = `${GLOBALS[random(GLOBALS.length)]!}.v`;
  switch (random(6)) {
    case 0:
      return `WRITE_ONCE(${global}, ${1 + random(2)});`;
    case 1:
      return `seen = seen * 3 + READ_ONCE(${global});`;
    case 2:
      return `WRITE_ONCE(${mine}, ${1 + random(2)});`;
    case 3:
      return `seen = seen * 3 + READ_ONCE(${mine});`;
    case 4:
      return `WRITE_ONCE(${mine}, READ_ONCE(${mine}) + 1);`;
    default:
      return `__atomic_fetch_add(&${global}, 1, __ATOMIC_SEQ_CST);`;
  }
}

function handler(random: Random, name: string): string {
  const lines = Array.from({ length: 1 + random(3) }, () =>
    random(3) === 0
      ? 'seen = seen * 3 + READ_ONCE(*(int *)info);'
      : access(random, 'mine[shootdown_cpu()].v'),
  );
  if (random(6) === 0) lines.push(wait(random));
  if (random(8) === 0) lines.push('spin_lock(&lock);', lines.pop()!, 'spin_unlock(&lock);');
  return `static void ${name}(void *info)
{
	int seen = 0;

	(void)info;
	${lines.join('\n\t')}
	heard[shootdown_cpu()].v = heard[shootdown_cpu()].v * 5 + seen + 1;
}
`;
}

function code(random: Random, cpu: number, program: number, sends: boolean): string {
  const lines: string[] = [];
  const count = 2 + random(2);
  const call = sends ? random(count) : -1;
  for (let i = 0; i < count; i++) {
    if (i === call) {
      if (random(2)) lines.push(`info[${cpu}].v = ${1 + random(2)};`);
      const send = `smp_call_function(handle_${program}_${cpu}, &info[${cpu}].v, ${random(4) ? 1 : 0});`;
      if (random(3)) lines.push(send);
      else
        lines.push(
          'spin_lock(&lock);',
          access(random, `mine[${cpu}].v`),
          send,
          'spin_unlock(&lock);',
        );
      if (random(3) === 0) lines.push(`info[${cpu}].v = 2;`);
    } else if (random(4) === 0) {
      lines.push('spin_lock(&lock);', access(random, `mine[${cpu}].v`), 'spin_unlock(&lock);');
    } else if (random(8) === 0) {
      lines.push(wait(random));
    } else if (random(3) === 0) {
      const inside = [access(random, `mine[${cpu}].v`), access(random, `mine[${cpu}].v`)];
      lines.push('local_irq_disable();', ...inside, 'local_irq_enable();');
    } else lines.push(access(random, `mine[${cpu}].v`));
  }
  return `static void code_${program}_${cpu}(void)
{
	int seen = 0;

	${lines.join('\n\t')}
	said[${cpu}].v = seen + 1;
}
`;
}

/** `count` programs. CPU 0 and, in every third, CPU 1 send as well as the last. */
export function randomHandlers(seed: number, count: number): RandomHandlers {
  const random = randomFrom(seed);
  const cpus = 2;
  const parts = [
    'static spinlock_t lock; static struct { int v; } __aligned(8) x, y, mine[2], info[2], heard[2], said[2];\n',
  ];
  const variants = Array.from({ length: count }, (_, program) => `p${program}`);
  for (let program = 0; program < count; program++) {
    for (let cpu = 0; cpu < cpus; cpu++) {
      parts.push(handler(random, `handle_${program}_${cpu}`));
      parts.push(code(random, cpu, program, cpu === cpus - 1 || random(3) === 0));
    }
  }
  for (let cpu = 0; cpu < cpus; cpu++) {
    const calls = variants.map(
      (name, program) => `\tif (variant(${name}))\n\t\tcode_${program}_${cpu}();`,
    );
    parts.push(`void cpu${cpu}(void)\n{\n${calls.join('\n')}\n}\n`);
  }
  const unused = variants.flatMap((_, program) =>
    [0, 1].map((cpu) => `(void)handle_${program}_${cpu};`),
  );
  parts.push(`void setup(void)\n{\n\t${unused.join('\n\t')}\n}\n`);
  const arrays = ['mine', 'info', 'heard', 'said'];
  return { text: parts.join('\n'), variants, names: [...GLOBALS, ...arrays] };
}
