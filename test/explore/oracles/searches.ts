/** C4 and C5: the two searches against each other, and against themselves under other names. */

import { exploreStateless } from '../../../src/explore/dpor.ts';
import { exploreGraph } from '../../../src/explore/graph.ts';
import { listActors, replay } from '../../../src/explore/replay.ts';
import type { SearchResult } from '../../../src/explore/search.ts';
import type { ActorId, System } from '../../../src/explore/system.ts';
import type { Factory } from './view.ts';

export function violationSet(result: SearchResult): Set<string> {
  return new Set(result.violations.map(({ property, site }) => `${property}:${site}`));
}

export function compareSets(
  what: string,
  all: Set<string>,
  some: Set<string>,
  wrong: string[],
): void {
  const missing = [...all].filter((x) => !some.has(x)).length;
  const extra = [...some].filter((x) => !all.has(x)).length;
  if (missing > 0) wrong.push(`${missing} of ${all.size} ${what} missing`);
  if (extra > 0) wrong.push(`${extra} ${what} that cannot be`);
}

/** C4: the reduced search finds what the state graph finds, as sets, and every schedule replays. */
export async function checkAgainstGraph(make: Factory): Promise<string[]> {
  const wrong: string[] = [];
  const graph = await exploreGraph(make(), { collectFinals: true });
  const plain = await exploreStateless(make(), { collectFinals: true, reduction: 'plain' });
  const optimal = await exploreStateless(make(), { collectFinals: true, doubts: true });
  for (const result of [graph, plain, optimal]) {
    if (result.kind !== 'complete') wrong.push(`a search ended as ${result.kind}`);
    wrong.push(...checkSchedules(make, result));
  }
  const cuts = (r: SearchResult) => new Set(r.cuts.map(({ bound }) => `${bound}`));
  for (const reduced of [plain, optimal]) {
    compareSets('violations', violationSet(graph), violationSet(reduced), wrong);
    compareSets('final states', graph.finals as Set<string>, reduced.finals as Set<string>, wrong);
    compareSets('cuts', cuts(graph), cuts(reduced), wrong);
    wrong.push(...compareLengths(graph, reduced));
  }
  if (optimal.executions !== plain.executions) {
    wrong.push(`${optimal.executions} executions optimal, ${plain.executions} plain`);
  }
  if (optimal.asleep > 0) wrong.push(`${optimal.asleep} ended asleep`);
  return wrong;
}

/** Ways to the same violation are equally short. */
function compareLengths(graph: SearchResult, reduced: SearchResult): string[] {
  const lengthOf = new Map(
    graph.violations.map(({ property, site, schedule }) => [
      `${property}:${site}`,
      schedule.length,
    ]),
  );
  return reduced.violations.flatMap(({ property, site, schedule }) => {
    const shortest = lengthOf.get(`${property}:${site}`);
    return schedule.length === shortest
      ? []
      : [`${schedule.length} steps to ${property}:${site}, ${shortest} breadth first`];
  });
}

/** Each found violation and cut is what its schedule leads to. */
export function checkSchedules(make: Factory, result: SearchResult): string[] {
  const wrong: string[] = [];
  for (const { property, site, schedule } of result.violations) {
    const again = replay(make(), schedule);
    const last = again.steps.at(-1)?.outcome;
    const isIt = (v: { property: number; site: number }) =>
      v.property === property && v.site === site;
    const atStep = last?.kind === 'violation' && isIt(last);
    if (again.failure !== null) wrong.push(`violation does not replay: ${again.failure}`);
    else if (!atStep && !again.end?.violations.some(isIt)) {
      wrong.push(`replay does not show ${property}:${site}`);
    }
  }
  for (const { bound, schedule } of result.cuts) {
    const last = replay(make(), schedule).steps.at(-1)?.outcome;
    if (last?.kind !== 'cut' || last.bound !== bound)
      wrong.push(`replay does not show cut ${bound}`);
  }
  return wrong;
}

/** The same system with its actors under other names, in another order. */
export function renamed(system: System, newNames: readonly ActorId[]): System {
  const oldNames: ActorId[] = [];
  newNames.forEach((name, old) => {
    oldNames[name] = old;
  });
  const own = (actor: ActorId): ActorId => oldNames[actor];
  return {
    spaces: system.spaces,
    alike: system.alike.map((group) => group.map((actor) => newNames[actor])),
    reset: () => system.reset(),
    actors: (out) => {
      const names = listActors(system).map((actor) => newNames[actor]);
      names
        .sort((a, b) => a - b)
        .forEach((name, i) => {
          out[i] = name;
        });
      return names.length;
    },
    status: (actor) => system.status(own(actor)),
    must: (actor) => system.must(own(actor)),
    next: (actor, out) => system.next(own(actor), out),
    take: (actor, choice, out) => system.take(own(actor), choice, out),
    mark: () => system.mark(),
    rewind: (to) => system.rewind(to),
    stateKey: (out) => system.stateKey(out),
    save: () => system.save(),
    load: (bytes) => system.load(bytes),
    label: (actor, choice) => system.label(own(actor), choice),
    describeBlocked: (actor) => system.describeBlocked(own(actor)),
    atEnd: (deadlocked) => system.atEnd(deadlocked),
  };
}

/** C5: other names and another order change no count and no finding. */
export async function checkRenamed(make: Factory, newNames: readonly ActorId[]): Promise<string[]> {
  const wrong: string[] = [];
  const other = () => renamed(make(), newNames);
  const options = { collectFinals: true };
  const graphs = [await exploreGraph(make(), options), await exploreGraph(other(), options)];
  const runs = [await exploreStateless(make(), options), await exploreStateless(other(), options)];
  if (graphs[0].states !== graphs[1].states)
    wrong.push('the number of states depends on the order');
  if (runs[0].executions !== runs[1].executions) {
    wrong.push('the number of executions depends on the order');
  }
  for (const [a, b] of [graphs, runs]) {
    compareSets('violations', violationSet(a), violationSet(b), wrong);
    compareSets('final states', a.finals as Set<string>, b.finals as Set<string>, wrong);
  }
  return wrong;
}
