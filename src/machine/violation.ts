import type { Property } from '../trace/format.ts';

/** Thrown where a property is violated, caught by the engine at the step's border: the actor halts. */
export class Violation {
  readonly property: Property;
  /** What happened, in words, for the last line of a counterexample. */
  readonly detail: string;
  constructor(property: Property, detail: string) {
    this.property = property;
    this.detail = detail;
  }
}

/** Thrown where a limit is hit: the verdict cannot be safe. */
export class Cut {
  readonly bound: string;
  constructor(bound: string) {
    this.bound = bound;
  }
}

/**
 * The program asks for what nothing provides, or does what the machine does
 * not run. A user's matter: reported with the place and what to do, exit 2.
 */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** Thrown where a handler that was run as one step turns out to be more than that: it is run as code then. */
export class NotOneStep {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}
