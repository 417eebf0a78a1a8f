/**
 * What the two stateless searches share: the loop, the account of what was
 * met, and the limits. A search of this kind goes depth first with undo and
 * keeps nothing of a node once it has left it.
 */

import { changesGuard } from './conflict.ts';
import type { PathNode } from './path.ts';
import { ENABLED, LISTED, MUST, Path, STAY_AWAY } from './path.ts';
import type {
  SearchOptions,
  SearchProgress,
  SearchResult,
  StopReason,
  ViolationSite,
} from './search.ts';
import { ExplorerError, Findings, finalText, KeyBuffer, Pacer } from './search.ts';
import type { ActorId, Footprint, Outcome, System } from './system.ts';
import { emptyFootprint, newFootprint, ENABLED as STATUS_ENABLED } from './system.ts';

/** Steps; a thousand times what the executions of a scenario have. */
const DEFAULT_MAX_DEPTH = 100_000;

/** What the actors of a node can do, all of them together. */
export interface Standing {
  readonly mustEnabled: boolean;
  readonly mustBlocked: boolean;
  readonly anyBlocked: boolean;
}

export abstract class StatelessSearch {
  protected readonly system: System;
  protected readonly path: Path;
  protected readonly findings: Findings;
  protected readonly keys: KeyBuffer = new KeyBuffer();
  /** Overwritten by every use. */
  protected readonly footprint: Footprint = newFootprint();
  protected readonly doubts: boolean;
  protected stop: StopReason = null;
  protected asleep = 0;
  /** What was done beside taking steps, in about as many steps; back to 0 when the clock is looked at. */
  protected work = 0;
  readonly #options: SearchOptions;
  readonly #pacer: Pacer;
  readonly #finals: Set<string> | null;
  readonly #actorList: Uint32Array = new Uint32Array(4096);
  readonly #maxPathDepth: number;
  #executions = 0;
  #nodes = 0;
  #transitions = 0;
  #maxDepth = 0;
  protected restart = false;

  constructor(system: System, options: SearchOptions) {
    this.system = system;
    this.#options = options;
    this.doubts = options.doubts ?? false;
    this.path = new Path(system);
    this.#maxPathDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.findings = new Findings(options);
    this.#pacer = new Pacer(options);
    this.#finals = options.collectFinals ? new Set() : null;
  }

  /** Prepares `nodes[depth]` for exploration. */
  protected abstract enter(): void;
  /** Moves the node on to its next step to explore; false where there is none. */
  protected abstract advance(node: PathNode): boolean;
  /** Takes the step that `advance` chose and enters the node after it. */
  protected abstract takeStep(node: PathNode): void;
  /** Goes back to a node that may have more to explore; false where there is none. */
  protected abstract back(): boolean;

  async run(): Promise<SearchResult> {
    this.system.reset();
    this.path.nodes[0].halted = false;
    this.path.nodes[0].sleep.length = 0;
    if (this.#options.signal?.aborted) this.stop = 'aborted';
    else this.enter();
    const { path } = this;
    while (this.stop === null && !this.restart) {
      const done = this.work + 1;
      this.work = 0;
      if (this.#pacer.due(done)) {
        this.stop = await this.#pacer.pause(() => this.#progress());
        if (this.stop !== null) break;
      }
      const node = path.nodes[path.depth];
      if (this.advance(node)) {
        if (this.#nodes === this.#options.maxStates) this.stop = 'max-states';
        else if (path.depth >= this.#maxPathDepth) this.stop = 'max-depth';
        else this.takeStep(node);
      } else if (!this.back()) break;
    }
    return this.result();
  }

  /** Counts the node and lists its actors, with what each can do, into its flags. */
  protected list(node: PathNode): Standing {
    const { system, path } = this;
    const stayed = path.depth > 0 && path.nodes[path.depth - 1].event().choice === STAY_AWAY;
    if (!stayed) this.#nodes++;
    if (path.depth > this.#maxDepth) this.#maxDepth = path.depth;
    node.mark = system.mark();
    node.clear();
    const count = system.actors(this.#actorList);
    let mustEnabled = false;
    let mustBlocked = false;
    let anyBlocked = false;
    for (let i = 0; i < count; i++) {
      const actor = this.#actorList[i];
      const index = path.actors.indexOf(actor);
      const last = path.lastOf(index);
      if (last !== 0 && path.nodes[last - 1].event().choice === STAY_AWAY) continue;
      const enabled = this.#isEnabled(node, index);
      const must = system.must(actor);
      node.listed.push(index);
      node.setFlag(index, LISTED | (enabled ? ENABLED : 0) | (must ? MUST : 0));
      if (!enabled) anyBlocked = true;
      if (must && enabled) mustEnabled = true;
      if (must && !enabled) mustBlocked = true;
    }
    return { mustEnabled, mustBlocked, anyBlocked };
  }

  /**
   * Whether a listed actor can take its step now. What could not have changed
   * since the node before is not asked again: only a step that touches what
   * the parked step passes can forbid or allow it.
   */
  #isEnabled(node: PathNode, index: number): boolean {
    const { system, path } = this;
    const actor = path.actors.ids[index];
    const parent = path.depth > 0 ? path.nodes[path.depth - 1] : null;
    if (parent !== null && (parent.flag(index) & LISTED) !== 0) {
      const event = parent.event();
      const guard = parent.guards[index];
      const same =
        event.index !== index && (guard === null || !changesGuard(event.footprint, guard, false));
      if (same) {
        node.guards[index] = guard;
        const was = (parent.flag(index) & ENABLED) !== 0;
        if (this.doubts) this.#doubt(actor, was);
        return was;
      }
    }
    const enabled = system.status(actor) === STATUS_ENABLED;
    emptyFootprint(this.footprint);
    system.next(actor, this.footprint);
    node.setGuard(index, this.footprint, system.spaces);
    return enabled;
  }

  /** Whoever is blocked at an end is so for everybody to see: an execution that ends too soon is one that is lost. */
  #checkBlocked(node: PathNode): void {
    for (const index of node.listed) {
      if ((node.flag(index) & ENABLED) === 0) this.#doubt(this.path.actors.ids[index], false);
    }
  }

  /**
   * Asks what has been concluded. A system that has learnt something meanwhile
   * lets anybody take a step, to say that the search begins again.
   */
  #doubt(actor: ActorId, enabled: boolean): void {
    const { system } = this;
    if ((system.status(actor) === STATUS_ENABLED) === enabled) return;
    if (!enabled) {
      const mark = system.mark();
      emptyFootprint(this.footprint);
      const { kind } = system.take(actor, 0, this.footprint);
      system.rewind(mark);
      this.restart = kind === 'restart';
      if (this.restart) return;
    }
    throw new ExplorerError(
      `actor ${actor} was blocked or freed although nothing touched what it passes: a footprint leaves something out`,
      this.path.schedule(),
    );
  }

  /** A complete execution stands here. */
  protected endExecution(node: PathNode, mustBlocked: boolean): void {
    this.#checkBlocked(node);
    if (this.restart) return;
    // One more than may be: only now is it known that there are more.
    if (this.#executions === this.#options.maxExecutions) {
      this.stop = 'max-executions';
      return;
    }
    this.#executions++;
    for (const { property, site } of this.system.atEnd(mustBlocked && !node.halted)) {
      const schedule = this.path.schedule();
      if (this.findings.addViolation(property, site, schedule.length, () => schedule))
        this.stop = 'first-violation';
    }
    if (this.#finals !== null) {
      const count = this.keys.read(this.system);
      this.#finals.add(finalText(this.keys.bytes, count, node.halted));
    }
  }

  /** Takes a step of the system, into `footprint`. */
  protected take(index: number, choice: number): Outcome {
    emptyFootprint(this.footprint);
    this.#transitions++;
    return this.system.take(this.path.actors.ids[index], choice, this.footprint);
  }

  /** What came of the newest step of the path. False: the search has to stop there. */
  protected note(outcome: Outcome, node: PathNode, child: PathNode): boolean {
    child.halted = node.halted;
    if (outcome.kind === 'ok') return true;
    if (outcome.kind === 'restart') {
      this.restart = true;
      return false;
    }
    child.halted = true;
    if (outcome.kind === 'cut') this.findings.addCut(outcome.bound, () => this.path.schedule());
    else if (this.#addViolation(outcome)) {
      this.stop = 'first-violation';
      return false;
    }
    return true;
  }

  /**
   * The newest step of the path goes wrong. What happens before it is an
   * execution of its own, and no execution in which the same step goes wrong
   * after the same past is shorter; every past there is, is met.
   */
  #addViolation({ property, site }: ViolationSite): boolean {
    const { path } = this;
    const last = path.depth - 1;
    const steps = path.pastLength(last);
    return this.findings.addViolation(property, site, steps, () => path.past(last));
  }

  #progress(): SearchProgress {
    return {
      executions: this.#executions,
      asleep: this.asleep,
      states: this.#nodes,
      transitions: this.#transitions,
      depth: this.path.depth,
      seconds: this.#pacer.seconds(),
    };
  }

  protected result(): SearchResult {
    return {
      kind: this.restart ? 'restart' : this.stop === null ? 'complete' : 'stopped',
      stopReason: this.stop,
      executions: this.#executions,
      asleep: this.asleep,
      states: this.#nodes,
      transitions: this.#transitions,
      seconds: this.#pacer.seconds(),
      maxDepth: this.#maxDepth,
      violations: this.findings.violations,
      cuts: this.findings.cuts,
      endless: null,
      finals: this.#finals,
      pathBytes: this.path.memoryBytes + (this.system.undoBytes?.() ?? 0),
    };
  }
}
