import { sizeOf } from '../llvm/layout.ts';
import type { FunctionDefinition, GlobalVariable, Module } from '../llvm/module.ts';
import type { Code } from './code.ts';
import { evaluate, writeInitializer } from './constants.ts';
import { lower, type Simplifications } from './lower.ts';
import { FUNCTION_STRIDE, type Target } from './target.ts';

/**
 * Modules become one program: every name gets one meaning per module, every
 * function and variable an address. Names have module scope: 173 statics
 * recur across four kernel modules. A name that a module only declares means
 * the one external definition elsewhere, else the only static of that name,
 * so that a scenario can call a static function of the kernel.
 */

/** The program cannot be linked, or it needs what nothing provides. A user's mistake, not ours. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** A function of the program. `module` is null for a name that no module defines: the machine may. */
export interface ProgramFunction {
  readonly index: number;
  readonly name: string;
  readonly module: Module | null;
  readonly definition: FunctionDefinition | null;
  readonly address: bigint;
  /** Lowered on first use. Fails: Error where there is no definition. */
  code(): Code;
  /** What a name means inside this function. */
  callee(name: string): ProgramFunction;
}

/** A variable with its place. Per-CPU variables lie in the template that each CPU has a copy of. */
export interface ProgramVariable {
  readonly name: string;
  /** Null for a variable that the machine provides. */
  readonly module: Module | null;
  readonly address: bigint;
  readonly size: number;
  readonly isConstant: boolean;
  readonly perCpu: boolean;
  readonly bytes: Uint8Array;
}

/** A variable that the machine provides: the kernel's own definition lies in a file that is not linked. */
export interface ProvidedVariable {
  readonly size: number;
  readonly value: bigint;
  /** One copy per CPU, all with this value. */
  readonly perCpu?: boolean;
  /** Bytes of an element of an array, whose first is the lowest bits of `value`; all of it is one where not given. */
  readonly elementBytes?: number;
}

export interface LinkInput {
  readonly target: Target;
  /** The scenario's module first. */
  readonly modules: readonly Module[];
  /** Variables that the machine provides, by name. */
  readonly provided: ReadonlyMap<string, ProvidedVariable>;
  /** Test-only. */
  readonly simplifications?: Simplifications;
}

export class Program {
  readonly target: Target;
  readonly modules: readonly Module[];
  readonly functions: ProgramFunction[] = [];
  readonly variables: ProgramVariable[] = [];
  /** End of the variables, of the per-CPU template. */
  dataEnd: bigint;
  perCpuEnd: bigint;
  readonly #missingVariables: string[] = [];
  readonly #simplifications: Simplifications;
  readonly #own = new Map<Module, Map<string, ProgramFunction>>();
  readonly #external = new Map<string, ProgramFunction>();
  readonly #variablesOf = new Map<Module, Map<string, ProgramVariable>>();
  readonly #externalVariables = new Map<string, ProgramVariable>();
  readonly #unprovided = new Map<string, ProgramFunction>();
  readonly #byAddress = new Map<bigint, ProgramFunction>();

  constructor(input: LinkInput) {
    this.target = input.target;
    this.#simplifications = input.simplifications ?? {};
    this.modules = input.modules;
    this.dataEnd = input.target.dataBase;
    this.perCpuEnd = input.target.perCpuBase;
    for (const module of input.modules) this.#collectFunctions(module);
    const placed: [ProgramVariable, GlobalVariable, Module][] = [];
    for (const module of input.modules) placed.push(...this.#collectVariables(module));
    // Before any address is asked for, and after it, because a value of boot's replaces the initialiser.
    for (const [name, provided] of input.provided) this.#provide(name, provided);
    for (const [variable, { initializer }, module] of placed) {
      if (initializer)
        writeInitializer(
          module,
          initializer,
          (name) => this.addressOf(module, name),
          variable.bytes,
          0,
        );
    }
    for (const [name, provided] of input.provided) this.#provide(name, provided);
  }

  #collectFunctions(module: Module): void {
    const own = new Map<string, ProgramFunction>();
    this.#own.set(module, own);
    for (const definition of module.functions.values()) {
      if (definition.isDeclaration || definition.linkage === 'available_externally') continue;
      const made = this.#newFunction(definition.name, module, definition);
      own.set(definition.name, made);
      if (isLocal(definition.linkage)) continue;
      const other = this.#external.get(definition.name);
      if (other && isStrong(other.definition!.linkage) && isStrong(definition.linkage)) {
        throw new LinkError(
          `${definition.name} is defined in ${other.module!.path} and in ${module.path}; leave one of them out`,
        );
      }
      if (!other || isStrong(definition.linkage)) this.#external.set(definition.name, made);
    }
  }

  #newFunction(
    name: string,
    module: Module | null,
    definition: FunctionDefinition | null,
  ): ProgramFunction {
    const index = this.functions.length;
    let code: Code | null = null;
    const callees = new Map<string, ProgramFunction>();
    const made: ProgramFunction = {
      index,
      name,
      module,
      definition,
      address: this.target.functionBase + BigInt(index * FUNCTION_STRIDE),
      code: () => {
        if (!module || !definition) throw new Error(`${name} has no code`);
        code ??= lower(
          module,
          definition,
          (other) => this.addressOf(module, other),
          this.#simplifications,
        );
        return code;
      },
      callee: (other) => {
        let found = callees.get(other);
        if (!found) {
          found = this.resolve(module!, other);
          callees.set(other, found);
        }
        return found;
      },
    };
    this.functions.push(made);
    this.#byAddress.set(made.address, made);
    return made;
  }

  #place(
    name: string,
    size: number,
    alignment: number,
    perCpu: boolean,
    isConstant: boolean,
    module: Module | null,
  ): ProgramVariable {
    // A gap between variables: an access past the end is wild, not a neighbour's.
    const align = BigInt(Math.max(alignment, 16));
    const end = perCpu ? this.perCpuEnd : this.dataEnd;
    const address = ((end + 16n + align - 1n) / align) * align;
    if (perCpu) this.perCpuEnd = address + BigInt(size);
    else this.dataEnd = address + BigInt(size);
    const made = { name, module, address, size, isConstant, perCpu, bytes: new Uint8Array(size) };
    this.variables.push(made);
    return made;
  }

  /** A variable whose value boot would have set: a module may define it, as mm/memory.c does mem_map, or none. */
  #provide(name: string, { size, value, perCpu, elementBytes }: ProvidedVariable): void {
    let made = this.#externalVariables.get(name);
    if (!made) {
      made = this.#place(name, size, size, perCpu ?? false, false, null);
      this.#externalVariables.set(name, made);
    }
    const element = elementBytes ?? size;
    let rest = value;
    for (let i = 0; i < size; i++) {
      const place = this.target.littleEndian ? i : i + element - 1 - 2 * (i % element);
      made.bytes[place] = Number(rest & 0xffn);
      rest >>= 8n;
    }
  }

  #collectVariables(module: Module): [ProgramVariable, GlobalVariable, Module][] {
    const own = new Map<string, ProgramVariable>();
    this.#variablesOf.set(module, own);
    const placed: [ProgramVariable, GlobalVariable, Module][] = [];
    for (const global of module.globals.values()) {
      // Discardable sections hold what boot or the module loader reads.
      if (
        global.isDeclaration ||
        global.name.startsWith('llvm.') ||
        global.section?.startsWith('.discard')
      )
        continue;
      const perCpu = global.section?.startsWith('.data..percpu') ?? false;
      const made = this.#place(
        global.name,
        sizeOf(module.dataLayout, global.type),
        global.align,
        perCpu,
        global.isConstant,
        module,
      );
      own.set(global.name, made);
      placed.push([made, global, module]);
      if (!isLocal(global.linkage)) {
        const other = this.#externalVariables.get(global.name);
        if (!other || isStrong(global.linkage)) this.#externalVariables.set(global.name, made);
      }
    }
    return placed;
  }

  /** What `name` means as a callee inside `module`. A name nobody defines still gets a function: the machine may provide it. */
  resolve(module: Module, name: string): ProgramFunction {
    const own = this.#own.get(module)?.get(name);
    const external = this.#external.get(name);
    // A weak definition of the module's own gives way to a strong one elsewhere.
    if (own && (isLocal(own.definition!.linkage) || isStrong(own.definition!.linkage) || !external))
      return own;
    if (external) return external;
    const alias = module.aliases.get(name);
    if (alias)
      return this.functionAt(
        evaluate(module, alias.target, (other) => this.addressOf(module, other)),
      )!;
    const statics = [...this.#own.values()].flatMap((functions) => functions.get(name) ?? []);
    if (statics.length === 1) return statics[0]!;
    if (statics.length > 1) {
      const where = statics.map((one) => one.module!.path).join(' and ');
      throw new LinkError(
        `${name}, called from ${module.path}, is a static function of ${where}; rename one or link only one of them`,
      );
    }
    let made = this.#unprovided.get(name);
    if (!made) {
      made = this.#newFunction(name, null, null);
      this.#unprovided.set(name, made);
    }
    return made;
  }

  /** The function that starts at `address`, if any. */
  functionAt(address: bigint): ProgramFunction | undefined {
    return this.#byAddress.get(address);
  }

  /** The variable that `module` means by `name`, if a module defines it. */
  variable(module: Module, name: string): ProgramVariable | undefined {
    return (
      this.#variablesOf.get(module)?.get(name) ??
      this.#externalVariables.get(name) ??
      this.#static(name)
    );
  }

  #static(name: string): ProgramVariable | undefined {
    const statics = [...this.#variablesOf.values()].flatMap(
      (variables) => variables.get(name) ?? [],
    );
    return statics.length === 1 ? statics[0] : undefined;
  }

  /** Address of a name inside `module`. What nobody defines gets an address where no memory is, so that the first access names it. */
  addressOf(module: Module, name: string): bigint {
    if (module.functions.has(name)) return this.resolve(module, name).address;
    const variable = this.variable(module, name);
    if (variable) return variable.address;
    const alias = module.aliases.get(name);
    if (alias) return evaluate(module, alias.target, (other) => this.addressOf(module, other));
    let index = this.#missingVariables.indexOf(name);
    if (index < 0) index = this.#missingVariables.push(name) - 1;
    const address = BigInt(MISSING_STRIDE * (index + 1));
    return address;
  }

  /** The variable that nobody defines and whose place `address` is in, if any. */
  missingVariable(address: number): string | undefined {
    return this.#missingVariables[Math.floor(address / MISSING_STRIDE) - 1];
  }

  /** A function by name, looked up as the scenario (the first module) would. */
  entry(name: string): ProgramFunction | null {
    const found = this.#own.get(this.modules[0]!)?.get(name) ?? null;
    return found?.definition ? found : null;
  }
}

/** Distance of the addresses of variables that nobody defines, in bytes. No memory is there. */
const MISSING_STRIDE = 0x10000;

function isLocal(linkage: string): boolean {
  return linkage === 'internal' || linkage === 'private';
}

function isStrong(linkage: string): boolean {
  return linkage === 'external' || linkage === '' || linkage === 'dso_local';
}
