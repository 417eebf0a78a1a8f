import { UNDEFINED } from '../../machine/shadow.ts';
import { Violation } from '../../machine/violation.ts';
import { type Code, type Edge, LANE, type Ref } from '../../program/code.ts';
import type { AsmLanes } from './asm.ts';
import { FRAME } from './frames.ts';

/** Reads and writes the lanes of frames: a value is a low half, a high half and a shadow. */
export class Lanes {
  readonly #words: Uint32Array;
  readonly #ofFrame: LanesOfFrame = new LanesOfFrame(this);
  /** An edge backwards was taken since this was last cleared: a loop. */
  jumpedBack = false;

  constructor(words: Uint32Array) {
    this.#words = words;
  }

  low(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref]! : code.constants[~ref]!;
  }
  high(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref + 1]! : code.constants[~ref + 1]!;
  }
  shadow(frame: number, code: Code, ref: Ref): number {
    return ref >= 0 ? this.#words[frame + ref + 2]! : code.constants[~ref + 2]!;
  }
  set(frame: number, at: number, low: number, high: number, shadow: number): void {
    this.#words[frame + at] = low;
    this.#words[frame + at + 1] = high;
    this.#words[frame + at + 2] = shadow;
  }

  /** The lanes of a frame, for inline assembly; valid until the next call. */
  forAssembly(frame: number, code: Code): AsmLanes {
    this.#ofFrame.frame = frame;
    this.#ofFrame.code = code;
    return this.#ofFrame;
  }

  /** Takes an edge: the phis of its target, then the jump. */
  follow(frame: number, code: Code, edge: Edge): void {
    const { moves, target } = edge;
    if (moves.length === 2) this.move(frame, code, moves[0]!, moves[1]!);
    else if (moves.length > 2) {
      // Phis read all their sources before any of them changes.
      const values: number[] = [];
      for (let i = 1; i < moves.length; i += 2) {
        const ref = moves[i]!;
        values.push(
          this.low(frame, code, ref),
          this.high(frame, code, ref),
          this.shadow(frame, code, ref),
        );
      }
      for (let i = 0; i < moves.length; i += 2) {
        const at = (i / 2) * LANE;
        this.set(frame, moves[i]!, values[at]!, values[at + 1]!, values[at + 2]!);
      }
    }
    if (target <= this.#words[frame + FRAME.pc]!) this.jumpedBack = true;
    this.#words[frame + FRAME.pc] = target;
  }

  move(frame: number, code: Code, at: number, ref: Ref): void {
    this.set(
      frame,
      at,
      this.low(frame, code, ref),
      this.high(frame, code, ref),
      this.shadow(frame, code, ref),
    );
  }
}

class LanesOfFrame implements AsmLanes {
  readonly #lanes: Lanes;
  frame = 0;
  code: Code | null = null;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  low(ref: Ref): number {
    return this.#lanes.low(this.frame, this.code!, ref);
  }
  high(ref: Ref): number {
    return this.#lanes.high(this.frame, this.code!, ref);
  }
  shadow(ref: Ref): number {
    return this.#lanes.shadow(this.frame, this.code!, ref);
  }
  set(at: number, low: number, high: number, shadow: number): void {
    this.#lanes.set(this.frame, at, low, high, shadow);
  }
}

/** Fails: throws `Violation` for a value that nobody has given. */
export function mustBeDefined(shadow: number, text: string): void {
  if (shadow & UNDEFINED) throw new Violation('undefined-value', text);
}
