// Contenders side by side: each takes its turn in every round, after a loop
// that says how fast this machine is right now.

/** A fixed amount of integer work on a typed array that fits into a cache. */
function calibrationLoop() {
  const words = new Uint32Array(1 << 16);
  let seed = 1;
  for (let i = 0; i < 20_000_000; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const at = seed >>> 16;
    words[at] = words[at] & 1 ? words[at] + seed : words[at] ^ seed;
  }
  return words[seed >>> 16];
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Seconds of user time that this process spends on the work, its garbage collector's and compiler's threads included. */
export async function userSeconds(work) {
  const start = process.cpuUsage();
  await work();
  return process.cpuUsage(start).user / 1e6;
}

/**
 * Runs each contender, `{ name, run }` with `run` returning `{ states, seconds }`,
 * once a round. Returns them with `states`, the median of `seconds`, all
 * `samples`, and `loops`: that median in calibration loops.
 */
export async function race(contenders, rounds) {
  const loops = [];
  const samples = contenders.map(() => []);
  const states = [];
  for (let round = 0; round < rounds; round++) {
    loops.push(await userSeconds(calibrationLoop));
    for (const [i, { run }] of contenders.entries()) {
      const result = await run();
      samples[i].push(result.seconds);
      states[i] = result.states;
    }
  }
  const loop = median(loops);
  return contenders.map(({ name }, i) => {
    const seconds = median(samples[i]);
    return { name, states: states[i], seconds, samples: samples[i], loops: seconds / loop };
  });
}

const number = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A table in Markdown; the first row is what the others are compared with. */
export function sayTable(say, title, rows) {
  say(`## ${title}\n`);
  say('| | states | user s, median (range) | states/s | loops | time to the first row |');
  say('|---|---|---|---|---|---|');
  for (const { name, states, seconds, samples, loops } of rows) {
    const range = `${number(Math.min(...samples), 2)} to ${number(Math.max(...samples), 2)}`;
    const cells = [
      name,
      number(states, 0),
      `${number(seconds, 2)} (${range})`,
      seconds > 0 ? number(states / seconds, 0) : '',
      number(loops, 1),
      number(seconds / rows[0].seconds, 2),
    ];
    say(`| ${cells.join(' | ')} |`);
  }
  say('');
}
