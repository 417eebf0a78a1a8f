// `check` as a user meets it: a fresh process, an empty cache, the embedded
// compiler. And the searches alone, cell by cell.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exploreStateless } from '../dist/explore/dpor.js';
import { exploreGraph } from '../dist/explore/graph.js';
import { explore, openCells } from './cells.mjs';
import { measure, timed } from './measure.mjs';

const BIN = resolve(import.meta.dirname, '..', 'bin', 'shootdown.js');
const SCENARIO = 'retract-vs-pte-map';
const CELL = ['--arch', 'i386-pae', '--platform', 'hyperv', '--variant', 'sync-after-unlock'];

async function coldCheck() {
  const cache = mkdtempSync(join(tmpdir(), 'shootdown-bench-'));
  try {
    return await timed(() => {
      const { status, stderr } = spawnSync(
        process.execPath,
        [BIN, 'check', SCENARIO, ...CELL, '--json'],
        { env: { ...process.env, SHOOTDOWN_CACHE: cache }, encoding: 'utf8' },
      );
      if (status !== 1) throw new Error(`check ended with ${status}: ${stderr}`);
    });
  } finally {
    rmSync(cache, { recursive: true });
  }
}

export async function* benchCheck({ smoke }) {
  yield await measure({
    name: `cold check of one cell (${SCENARIO} sync-after-unlock, i386-pae hyperv)`,
    unit: 'ms',
    count: smoke ? 1 : 5,
    sample: coldCheck,
  });
}

export async function* benchSearches({ smoke }) {
  const selection = smoke
    ? { arches: ['i386-pae'], platforms: ['native'], variants: ['no-sync'] }
    : { arches: ['i386-pae'] };
  const searches = [
    ['stateless', exploreStateless, 5],
    ['graph', exploreGraph, 3],
  ];
  for (const { name, open } of await openCells(SCENARIO, selection)) {
    for (const [kind, search, count] of searches) {
      yield await measure({
        name: `${kind} search, ${SCENARIO} ${name}`,
        unit: 'ms',
        count: smoke ? 1 : count,
        // A machine that knows nothing: finding out what is shared is part of it.
        sample: async () => {
          const subject = open();
          return timed(() => explore(search, subject));
        },
      });
    }
  }
}
