import { type Insn, LANE, OP } from './code.ts';

/**
 * Which lanes somebody may still read. State keys hold only these: two states
 * that differ in dead lanes are one state. Plain backward data flow, run when
 * a function's first key is needed.
 */
export class Liveness {
  readonly #insns: readonly Insn[];
  readonly #lanes: number;
  #in: Uint8Array<ArrayBuffer>[] | null = null;
  readonly #before = new Map<number, Uint16Array>();
  readonly #after = new Map<number, Uint16Array>();

  constructor(insns: readonly Insn[], words: number) {
    this.#insns = insns;
    this.#lanes = words;
  }

  /** Word offsets of the lanes alive before `pc`, ascending. */
  before(pc: number): Uint16Array {
    let found = this.#before.get(pc);
    if (!found) {
      found = this.#offsets(this.#solve()[pc]!);
      this.#before.set(pc, found);
    }
    return found;
  }

  /** The same after `pc`, what `pc` itself defines left out. */
  after(pc: number): Uint16Array {
    let found = this.#after.get(pc);
    if (!found) {
      const out = this.#liveOut(pc, this.#solve());
      for (const lane of definitions(this.#insns[pc]!)) out[lane] = 0;
      found = this.#offsets(out);
      this.#after.set(pc, found);
    }
    return found;
  }

  #offsets(set: Uint8Array): Uint16Array {
    const found: number[] = [];
    for (let word = 0; word < set.length; word++) if (set[word]) found.push(word);
    return Uint16Array.from(found);
  }

  #liveOut(pc: number, solved: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
    const insn = this.#insns[pc]!;
    const out = new Uint8Array(this.#lanes);
    const edges = insn.asm && insn.asm.edges.length > 0 ? insn.asm.edges : insn.edges;
    if (edges.length === 0) {
      if (insn.op !== OP.ret && insn.op !== OP.trap && pc + 1 < this.#insns.length)
        out.set(solved[pc + 1]!);
      return out;
    }
    for (const { target, moves } of edges) {
      const along = solved[target]!.slice();
      for (let i = 0; i < moves.length; i += 2) along[moves[i]!] = 0;
      for (let i = 1; i < moves.length; i += 2) if (moves[i]! >= 0) along[moves[i]!] = 1;
      for (let word = 0; word < out.length; word++) out[word]! |= along[word]!;
    }
    return out;
  }

  #solve(): Uint8Array<ArrayBuffer>[] {
    if (this.#in) return this.#in;
    const sets = this.#insns.map(() => new Uint8Array(this.#lanes));
    let changed = true;
    while (changed) {
      changed = false;
      for (let pc = this.#insns.length - 1; pc >= 0; pc--) {
        const insn = this.#insns[pc]!;
        const live = this.#liveOut(pc, sets);
        // What only feeds a value that nobody reads is read by nobody: so an
        // update whose old value is stored and forgotten shows as such.
        const needed = !isPure(insn) || live[insn.dst] === 1;
        for (const lane of definitions(insn)) live[lane] = 0;
        if (needed) for (const lane of uses(insn)) live[lane] = 1;
        const old = sets[pc]!;
        for (let word = 0; word < live.length; word++) {
          if (live[word] !== old[word]) {
            changed = true;
            sets[pc] = live;
            break;
          }
        }
      }
    }
    this.#in = sets;
    return sets;
  }
}

const UNARY = new Set([
  OP.trunc,
  OP.zext,
  OP.sext,
  OP.copy,
  OP.freeze,
  OP.load,
  OP.condbr,
  OP.switch,
]);
const TERNARY = new Set([OP.select, OP.cmpxchg]);
const NONE = new Set([OP.fence, OP.undefine, OP.alloca, OP.call, OP.asm, OP.ret, OP.br, OP.trap]);

/** Whether an instruction does nothing but compute its result. A division can also fail. */
function isPure(insn: Insn): boolean {
  if (insn.dst < 0 || FAILS.has(insn.op)) return false;
  return insn.op <= OP.scale;
}
const FAILS = new Set([OP.udiv, OP.sdiv, OP.urem, OP.srem]);

/** Word offsets of the lanes that an instruction reads; the sources of its edges' copies are not among them. */
export function uses(insn: Insn): number[] {
  const found: number[] = [];
  const use = (ref: number): void => {
    if (ref >= 0) found.push(ref);
  };
  if (insn.call) {
    if (insn.call.indirect !== null) use(insn.call.indirect);
    for (const argument of insn.call.arguments) argument.refs.forEach(use);
  }
  if (insn.asm) for (const { ref } of insn.asm.operands) use(ref);
  if (NONE.has(insn.op)) return found;
  use(insn.a);
  if (UNARY.has(insn.op)) return found;
  use(insn.b);
  if (TERNARY.has(insn.op)) use(insn.c);
  return found;
}

/** Word offsets of the lanes that an instruction writes. */
export function definitions(insn: Insn): number[] {
  const found = insn.dst >= 0 ? [insn.dst] : [];
  if (insn.op === OP.cmpxchg) found.push(insn.dst + LANE);
  for (const { at } of insn.call?.results ?? []) found.push(at);
  for (const { at } of insn.asm?.results ?? []) found.push(at);
  return found;
}
