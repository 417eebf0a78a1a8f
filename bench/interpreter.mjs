// The reference interpreter alone: every interleaving up to a number of
// steps, depth first, each step taken once and undone once. No footprint is
// compared and no state key made.

import { exploreStateless } from '../dist/explore/dpor.js';
import { ENABLED, newFootprint } from '../dist/explore/system.js';
import { explore, openCells } from './cells.mjs';
import { measure, timed } from './measure.mjs';

function walk(system, limit) {
  const footprint = newFootprint();
  const levels = [];
  let steps = 0;
  const visit = (depth) => {
    levels[depth] ??= new Uint32Array(64);
    const actors = levels[depth];
    const count = system.actors(actors);
    for (let i = 0; i < count && steps < limit; i++) {
      if (system.status(actors[i]) !== ENABLED) continue;
      const mark = system.mark();
      const { kind } = system.take(actors[i], 0, footprint);
      steps++;
      if (kind === 'restart') throw new Error('a place was not known to be shared');
      if (kind === 'ok') visit(depth + 1);
      system.rewind(mark);
    }
  };
  system.reset();
  visit(0);
  return steps;
}

export async function* benchInterpreter({ smoke }) {
  const limit = smoke ? 2000 : 200_000;
  const selection = { arches: ['i386-pae'], platforms: ['hyperv'], variants: ['mainline'] };
  const [{ name, open }] = await openCells('retract-vs-pte-map', selection);
  const subject = open();
  // Learns what is shared, so that no step asks to start again.
  await explore(exploreStateless, subject);
  yield await measure({
    name: `reference interpreter, steps taken and undone (retract-vs-pte-map ${name})`,
    unit: 'steps/s',
    count: smoke ? 1 : 5,
    sample: async () => {
      let steps = 0;
      const ms = await timed(() => {
        steps = walk(subject, limit);
      });
      return (steps / ms) * 1000;
    },
  });
}
