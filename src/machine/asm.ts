/**
 * Inline assembly, as data. A template is one machine instruction with its
 * operands, or one of a few known sequences; what it does to memory is one
 * access. Anything else is an error that shows the template.
 */

/** One entry of LLVM's constraint string; `$n` in the template is entry n. */
export interface AsmConstraint {
  readonly isOutput: boolean;
  /** The operand is memory, given by its address. */
  readonly indirect: boolean;
  /** The output that an input shares its register with, -1 for none. */
  readonly tied: number;
  /** "@cce" and the like for a condition flag, "ax" for a register, else the letters. */
  readonly text: string;
  /** Which argument it is, -1 for a direct output or a label. */
  readonly argument: number;
  /** Which result it is, -1 for none. */
  readonly result: number;
}

/** What an instruction reads and writes; `$n` counts constraints. Two halves and a shadow per value. */
export interface AsmIo {
  /** The memory operand's value before. */
  readonly low: number;
  readonly high: number;
  readonly shadow: number;
  inputLow(index: number): number;
  inputHigh(index: number): number;
  inputShadow(index: number): number;
  setResult(index: number, low: number, high: number, shadow: number): void;
  /** Sets every condition-flag output. */
  setFlags(flags: { zero?: boolean; carry?: boolean; sign?: boolean }): void;
}

export type AsmEffect =
  | { readonly kind: 'nothing' }
  /** Waits until the CPU's stores are in memory. */
  | { readonly kind: 'fence' }
  | { readonly kind: 'flags'; readonly action: 'save' | 'off' | 'on'; readonly result: number }
  /** `warning`: the constraint whose bit 0 says that execution goes on. */
  | { readonly kind: 'bug'; readonly warning: number }
  | { readonly kind: 'registers'; apply(io: AsmIo): void }
  | {
      readonly kind: 'memory';
      /** The constraint that says where. */
      readonly operand: number;
      readonly bytes: number;
      /** Through the CPU's segment: relative to its per-CPU area. */
      readonly perCpu: boolean;
      readonly locked: boolean;
      /** Whether the old value matters. */
      readonly reads: boolean;
      readonly writes: boolean;
      /** The new value as [low, high, shadow], or null where nothing is written. */
      apply(io: AsmIo): readonly [number, number, number] | null;
    };

/** Takes a constraint string apart. Clobbers and labels are entries of neither arguments nor results. */
export function parseConstraints(text: string): AsmConstraint[] {
  const found: AsmConstraint[] = [];
  let argument = 0;
  let result = 0;
  for (const part of splitConstraints(text)) {
    if (part.startsWith('~')) continue;
    const isOutput = part.startsWith('=') || part.startsWith('+');
    const isLabel = part.startsWith('!');
    let body = part.replace(/^[=+!]?&?/, '');
    const indirect = body.startsWith('*');
    if (indirect) body = body.slice(1);
    const tied = /^\d+$/.test(body) ? Number(body) : -1;
    const takesArgument = !isLabel && (!isOutput || indirect);
    found.push({
      isOutput,
      indirect,
      tied,
      text: body.replace(/[{}]/g, ''),
      argument: takesArgument ? argument++ : -1,
      result: isOutput && !indirect ? result++ : -1,
    });
  }
  return found;
}

function splitConstraints(text: string): string[] {
  return text === '' ? [] : text.split(/,(?![^{]*\})/);
}

/**
 * The instruction that stands in the image before alternatives are patched
 * in: the machine's CPUs have none of the features they are for.
 */
function originalInstruction(template: string): string {
  return /^\s*# ALT: oldinstr\s*771:([\s\S]*?)772:/.exec(template)?.[1] ?? template;
}

/** The template without comments, section directives and the lock prefix's bookkeeping, white space folded. */
export function normalizeTemplate(template: string): string {
  return originalInstruction(template)
    .replace(/\.pushsection \.smp_locks,[\s\S]*?671:\s*/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*# (?!__raw).*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/^[\s;]+|[\s;]+$/g, '');
}

/** For an architecture whose templates are not known: only the empty one, a barrier to the compiler. */
export function compilerBarrier(template: string): AsmEffect | null {
  return normalizeTemplate(template) === '' ? { kind: 'nothing' } : null;
}
