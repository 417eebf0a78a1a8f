import type { Machine } from '../../machine/machine.ts';
import { hexText } from '../../machine/shadow.ts';
import { type Insn, OP, type Ref } from '../../program/code.ts';
import type { ProgramFunction } from '../../program/link.ts';
import { CONTEXT, FRAME, INTRINSIC_FRAME } from './frames.ts';
import type { Interpreter } from './interpreter.ts';

/** Steps and places, in words. Asked on the trace path only. */

export interface StepWords {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly event: string;
}

interface Place {
  readonly func: ProgramFunction;
  readonly insn: Insn;
  readonly frame: number;
}

/** The innermost place in source that a context is at; null outside all code. */
function placeOf(machine: Machine, interpreter: Interpreter, context: number): Place | null {
  const words = machine.words.at;
  let frame = interpreter.frames.header(context, CONTEXT.frame);
  while (frame !== 0 && words[frame + FRAME.id]! & INTRINSIC_FRAME)
    frame = words[frame + FRAME.previous]!;
  if (frame === 0) return null;
  const func = machine.program.functions[words[frame + FRAME.id]!]!;
  return { func, insn: func.code().insns[words[frame + FRAME.pc]!]!, frame };
}

function sourceOf({ func, insn }: Place): { function: string; file: string; line: number } {
  const location = func.module!.location(insn.debug);
  return location
    ? { function: location.function, file: location.file, line: location.line }
    : { function: func.name, file: func.module!.sourceFilename, line: 0 };
}

/**
 * The innermost place outside headers: kernel developers look for
 * `__pte_offset_map`, not for the third inline function below it. The
 * innermost of all where there is none.
 */
function callerPlace(machine: Machine, interpreter: Interpreter, context: number): Place | null {
  const words = machine.words.at;
  let frame = interpreter.frames.header(context, CONTEXT.frame);
  for (; frame !== 0; frame = words[frame + FRAME.previous]!) {
    if (words[frame + FRAME.id]! & INTRINSIC_FRAME) continue;
    const func = machine.program.functions[words[frame + FRAME.id]!]!;
    const place = { func, insn: func.code().insns[words[frame + FRAME.pc]!]!, frame };
    if (!sourceOf(place).file.endsWith('.h')) return place;
  }
  return placeOf(machine, interpreter, context);
}

/** "file:line function" of where a context is. */
export function siteOf(machine: Machine, interpreter: Interpreter, context: number): string {
  const place = callerPlace(machine, interpreter, context);
  if (!place) return 'nowhere';
  const { function: name, file, line } = sourceOf(place);
  return `${file}:${line} ${name}`;
}

/** What the operation that a context is parked at would do now, and where it stands in the source. */
export function describeStep(
  machine: Machine,
  interpreter: Interpreter,
  context: number,
): StepWords {
  const place = placeOf(machine, interpreter, context);
  if (!place) return { function: '', file: '', line: 0, event: 'ends' };
  const top = interpreter.frames.header(context, CONTEXT.frame);
  if (machine.words.at[top + FRAME.id]! & INTRINSIC_FRAME) {
    const intrinsic = interpreter.bindCall(context, top);
    const event = intrinsic.describe(interpreter.call);
    return { ...sourceOf(callerPlace(machine, interpreter, context) ?? place), event };
  }
  const { func, insn, frame } = place;
  if (insn.op === OP.asm) {
    const own = interpreter.lanes.forAssembly(frame, func.code());
    // Nothing is set; the methods are those of a class, which spreading would lose.
    const lanes = {
      low: own.low.bind(own),
      high: own.high.bind(own),
      shadow: own.shadow.bind(own),
      set: () => undefined,
    };
    return { ...sourceOf(place), event: interpreter.asm.describe(insn.asm!, lanes, context) };
  }
  if (insn.op === OP.fence) return { ...sourceOf(place), event: 'full fence' };
  return { ...sourceOf(place), event: describeMemory(machine, context, place) };
}

function describeMemory(machine: Machine, context: number, { func, insn, frame }: Place): string {
  const code = func.code();
  const words = machine.words.at;
  const at = (ref: Ref, word: number): number =>
    ref >= 0 ? words[frame + ref + word]! : code.constants[~ref + word]!;
  const pointer = insn.op === OP.store ? insn.b : insn.a;
  if (insn.op !== OP.load && insn.op !== OP.store && insn.op !== OP.rmw && insn.op !== OP.cmpxchg)
    return 'goes on';
  const size = Math.ceil(insn.bits / 8);
  const place = machine.translate(at(pointer, 0), at(pointer, 1), size);
  if (place < 0) return 'access to no object';
  const done = words[frame + FRAME.half]!;
  // An atomic operation is whole however wide it is.
  const split =
    machine.isVisible(place, size) &&
    size > machine.arch.atomicBytes &&
    !insn.whole &&
    // Asked last: that a load was taken for whole is noted.
    (insn.op === OP.store || (insn.op === OP.load && !machine.isWholeLoad(context, place)));
  const second = split && (done === 0 ? machine.choice === 1 : done === 1);
  const name = machine.space.nameOf(place);
  const part = split ? (second ? 'high half of ' : 'low half of ') : '';
  const width = split ? 4 : size;
  machine.peek(split ? machine.halfAt(place, size, second) : place, width);
  const old = hexText(machine.low, machine.high);
  const given =
    split && second ? hexText(at(insn.a, 1), 0) : hexText(at(insn.a, 0), split ? 0 : at(insn.a, 1));
  switch (insn.op) {
    case OP.load:
      return `read ${part}${name}: ${old}`;
    case OP.store:
      return `write ${part}${name} = ${given}`;
    case OP.rmw:
      return `atomic ${insn.text} ${hexText(at(insn.b, 0), at(insn.b, 1))} on ${name}, was ${old}`;
    default: {
      const expected = hexText(at(insn.b, 0), at(insn.b, 1));
      return expected === old
        ? `cmpxchg ${name}: ${old} -> ${hexText(at(insn.c, 0), at(insn.c, 1))}`
        : `cmpxchg ${name} fails: ${old}, expected ${expected}`;
    }
  }
}
