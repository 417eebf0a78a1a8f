/**
 * The explorer's algorithm, to be read before the explorer: optimal
 * partial-order reduction for threads that load and store. It visits one
 * execution of each class of executions that differ only in the order of
 * steps that have nothing to do with each other, and begins none in vain.
 *
 * `src/explore/` does the same for systems that it knows only through an
 * interface, with undo instead of replay, and for steps that others forbid,
 * that have choices, and that may stay away. `explore.md` has the argument.
 *
 * Source: Abdulla, Aronis, Jonsson, Sagonas, "Source sets: a foundation for
 * optimal dynamic partial order reduction", JACM 64(4), 2017 (Optimal-DPOR).
 */

export type Step =
  | { readonly op: 'load'; readonly place: string }
  | { readonly op: 'store'; readonly place: string; readonly value: number };

/** The steps of each thread, in order. */
export type Program = readonly (readonly Step[])[];

export interface Result {
  executions: number;
  /** Executions begun in vain. Always 0; that is what `insert` is about. */
  asleep: number;
  /** What each thread loaded and what is in memory at the end, as JSON. */
  readonly outcomes: Set<string>;
}

/** One step of one thread, at some place in an execution. */
interface Event {
  readonly thread: number;
  readonly step: Step;
}

/** What is to be explored after the events so far: this event, then one of those. */
interface Branch {
  readonly event: Event;
  readonly after: Branch[];
}

/** A state on the way: what is still to be explored from it, and what is covered elsewhere. */
interface Node {
  readonly tree: Branch[];
  readonly sleep: Event[];
}

/** Swapping two neighbours changes nothing unless they are of one thread, or one stores where the other looks. */
function dependent(a: Event, b: Event): boolean {
  if (a.thread === b.thread) return true;
  return a.step.place === b.step.place && (a.step.op === 'store' || b.step.op === 'store');
}

/** Whether some execution that begins with the sequence may just as well begin with the event. */
function mayComeFirst(event: Event, sequence: readonly Event[]): boolean {
  const own = sequence.findIndex(({ thread }) => thread === event.thread);
  const before = own < 0 ? sequence : sequence.slice(0, own);
  return before.every((other) => !dependent(event, other));
}

export function explore(program: Program): Result {
  const result: Result = { executions: 0, asleep: 0, outcomes: new Set() };
  const path: Event[] = [];
  const nodes: Node[] = [];

  function visit(node: Node): void {
    nodes.push(node);
    const { tree, sleep } = node;
    const possible = nextEvents(program, path);
    if (possible.length === 0) {
      result.executions++;
      result.outcomes.add(outcome(program, path));
      reverseRaces(path, nodes);
    } else if (tree.length === 0) {
      // Nobody asked for anything here, so any thread that is awake will do to begin with.
      const awake = possible.find((p) => !sleep.some((s) => s.thread === p.thread));
      if (awake === undefined) result.asleep++;
      else tree.push({ event: awake, after: [] });
    }
    // Below each branch, races may add more branches to this tree, to the right.
    for (let branch = tree.shift(); branch !== undefined; branch = tree.shift()) {
      const { event, after } = branch;
      path.push(event);
      visit({ tree: after, sleep: sleep.filter((s) => !dependent(s, event)) });
      path.pop();
      // Covered from now on, until something that matters to it comes first.
      sleep.push(event);
    }
    nodes.pop();
  }

  visit({ tree: [], sleep: [] });
  return result;
}

/** Two dependent events with nothing between them that orders them: the later one might have come first. */
function reverseRaces(path: readonly Event[], nodes: readonly Node[]): void {
  const past = happensBefore(path);
  for (let late = 0; late < path.length; late++) {
    for (const early of past[late]) {
      if (path[early].thread === path[late].thread) continue;
      const between = [...past[late]].some((k) => past[k].has(early));
      if (between) continue;
      // All that can be done without the early event; then the late one.
      const without = path.filter((_, k) => k > early && !past[k].has(early));
      insert(nodes[early], [...without, path[late]]);
    }
  }
}

/** For each event, the numbers of those that must come before it. */
function happensBefore(path: readonly Event[]): readonly ReadonlySet<number>[] {
  const past: Set<number>[] = [];
  path.forEach((event, j) => {
    past[j] = new Set();
    for (let i = 0; i < j; i++) {
      if (!dependent(path[i], event)) continue;
      past[j].add(i);
      for (const k of past[i]) past[j].add(k);
    }
  });
  return past;
}

/**
 * Makes sure that some branch covers what begins with the sequence. Where a
 * sleeping event may come first it is covered already. So whoever sleeps
 * here is woken by the sequence, and nothing after it ends asleep.
 */
function insert({ tree, sleep }: Node, sequence: readonly Event[]): void {
  if (sleep.some((event) => mayComeFirst(event, sequence))) return;
  let branches = tree;
  let rest = sequence;
  for (;;) {
    const branch = branches.find(({ event }) => mayComeFirst(event, rest));
    if (branch === undefined) break;
    // The end of a branch lets everything follow.
    if (branch.after.length === 0) return;
    const own = rest.findIndex(({ thread }) => thread === branch.event.thread);
    rest = rest.filter((_, k) => k !== own);
    branches = branch.after;
  }
  for (const event of rest) {
    const after: Branch[] = [];
    branches.push({ event, after });
    branches = after;
  }
}

/** The next event of each thread that has one. */
function nextEvents(program: Program, path: readonly Event[]): Event[] {
  return program.flatMap((steps, thread) => {
    const done = path.filter((event) => event.thread === thread).length;
    return done < steps.length ? [{ thread, step: steps[done] }] : [];
  });
}

/** Takes the events one by one. */
function outcome(program: Program, path: readonly Event[]): string {
  const memory: Record<string, number> = {};
  const loaded: number[][] = program.map(() => []);
  for (const { thread, step } of path) {
    if (step.op === 'store') memory[step.place] = step.value;
    else loaded[thread].push(memory[step.place] ?? 0);
  }
  return JSON.stringify([loaded, Object.entries(memory).sort()]);
}
