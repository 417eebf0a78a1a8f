// Samples, medians, and a loop that says how fast this machine is right now:
// numbers from two machines, or from a busy and an idle one, compare only as
// ratios to it.

const WORDS = 1 << 16;

/** A fixed amount of the work that an explorer does: integers, typed arrays, branches. */
function calibrationLoop() {
  const words = new Uint32Array(WORDS);
  let seed = 1;
  for (let i = 0; i < 12_000_000; i++) {
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

/** Units: milliseconds. */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Runs `sample`, which returns a number, `count` times, the calibration loop
 * before each, and reports the medians. `unit` is `ms` or ends with `/s`.
 */
export async function measure({ name, unit, count, sample }) {
  const values = [];
  const loops = [];
  for (let i = 0; i < count; i++) {
    loops.push(await timed(calibrationLoop));
    values.push(await sample());
  }
  const value = median(values);
  const calibrationMs = median(loops);
  return {
    name,
    unit,
    value,
    low: Math.min(...values),
    high: Math.max(...values),
    count,
    calibrationMs,
    // A duration in loops; a rate as things done in the time of one loop.
    ratio: unit === 'ms' ? value / calibrationMs : (value * calibrationMs) / 1000,
  };
}
