/**
 * From modules and a configuration to machines: links the program, finds its
 * entries, and gives out subjects, each a machine of its own.
 */

import { ReferenceSystem } from '../../engine/reference/system.ts';
import type { Module } from '../../llvm/module.ts';
import { ARCHITECTURES } from '../../machine/arch/index.ts';
import { readKernelLayout } from '../../machine/kernel-layout.ts';
import { MEMORY_MODELS } from '../../machine/memory-model/index.ts';
import { PLATFORMS, platformNumber } from '../../machine/platform/index.ts';
import { Program, type ProgramFunction } from '../../program/link.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import type { ScenarioHeader } from '../../scenario/header.ts';
import { inputError } from '../../scenario/input-error.ts';
import type { Scenario } from '../scenario-files.ts';
import { ReferenceSubject } from './reference-subject.ts';
import { scopeOf } from './scope.ts';
import type { OpenSubject } from './subject.ts';
import type { WithoutTrouble } from './without.ts';

export interface OpenedProgram {
  readonly open: OpenSubject;
  /** Why leaving the function out would change nothing, as far as the program tells. */
  readonly withoutTrouble: WithoutTrouble | null;
}

function entries(
  program: Program,
  header: ScenarioHeader,
  file: string,
): { setup: ProgramFunction | null; cpus: ProgramFunction[]; finish: ProgramFunction | null } {
  const cpus = header.cpus.map(({ name }, number) => {
    const entry = program.entry(`cpu${number}`);
    if (entry !== null) return entry;
    const hint = `define void cpu${number}(void): the header has @cpu ${number} ${name}`;
    throw inputError(`${file} has no function cpu${number}`, hint);
  });
  if (program.entry(`cpu${cpus.length}`) !== null) {
    const hint = `say what it does: @cpu ${cpus.length} name: ...`;
    throw inputError(`${file} defines cpu${cpus.length}, which its header does not name`, hint);
  }
  return { setup: program.entry('setup'), cpus, finish: program.entry('finish') };
}

/** What an NMI runs on each CPU: `nmi<cpu>`, else `nmi`, else none strikes there. Null where the header allows none. */
function nmiHandlers(
  program: Program,
  { nmis }: ScenarioHeader,
  cpuCount: number,
  file: string,
): (ProgramFunction | null)[] | null {
  const handlers = Array.from(
    { length: cpuCount },
    (_, cpu) => program.entry(`nmi${cpu}`) ?? program.entry('nmi'),
  );
  const defined = handlers.some((handler) => handler !== null);
  if (nmis > 0 && !defined)
    throw inputError(`${file} has no function nmi`, 'define void nmi(void): the header has @nmis');
  if (nmis === 0 && defined)
    throw inputError(`${file} defines an NMI handler`, 'say how often one may strike: @nmis 1');
  return nmis > 0 ? handlers : null;
}

/** A body that does nothing but keep its arguments, as unoptimised code does, and return. */
function isEmpty({ module, definition }: ProgramFunction): boolean {
  if (module === null || definition === null) return false;
  const { blocks } = module.body(definition);
  if (blocks.length !== 1) return false;
  const kept = new Set<number>();
  return blocks[0].instructions.every((instruction) => {
    if (instruction.op === 'alloca') kept.add(instruction.result);
    if (instruction.op === 'store') {
      return instruction.pointer.kind === 'local' && kept.has(instruction.pointer.index);
    }
    return instruction.op === 'alloca' || (instruction.op === 'ret' && instruction.value === null);
  });
}

function withoutTrouble(program: Program, name: string | null): WithoutTrouble | null {
  if (name === null) return null;
  const found = program.functions.filter((one) => one.name === name);
  const declared = program.modules.some((module) => module.functions.has(name));
  if (found.length === 0 && !declared) return 'unknown';
  return found.length > 0 && found.every(isEmpty) ? 'empty' : null;
}

/** Links the program of one configuration. Fails: InputError, LinkError. */
export function openMachine(
  modules: readonly Module[],
  configuration: Configuration,
  { header, target }: Scenario,
  without: string | null,
  commutingAdds = true,
): OpenedProgram {
  const arch = ARCHITECTURES[configuration.arch];
  const platform = PLATFORMS[configuration.platform];
  const cpuCount = header.online[configuration.variant] ?? header.cpus.length;
  const provided = new Map([
    ['scenario_variant', { size: 4, value: BigInt(configuration.variantIndex) }],
    ['scenario_platform', { size: 4, value: platformNumber(configuration.platform) }],
    ['nr_cpu_ids', { size: 4, value: BigInt(cpuCount) }],
    ...Object.entries(arch.variables),
  ]);
  const program = new Program({ target: arch.target, modules, provided });
  const layout = readKernelLayout(program);
  if (layout === null) {
    throw inputError(
      `${target} does not include <shootdown/scenario.h>`,
      'the machine reads the layout of the kernel from there',
    );
  }
  const entryPoints = entries(program, header, target);
  const handlers = nmiHandlers(program, header, cpuCount, target);
  const struck = handlers?.map((handler) => (handler === null ? 0 : header.nmis));
  const options = {
    arch,
    platform,
    model: MEMORY_MODELS[configuration.memory],
    program,
    layout,
    cpuCount,
    preemptions: configuration.preemptions,
    ...(handlers === null ? {} : { nmiHandlers: handlers, nmis: struck }),
    ...entryPoints,
    cpus: entryPoints.cpus.slice(0, cpuCount),
    without,
    commutingAdds,
  };
  const border = !program.functions.some(
    ({ name, definition }) => name === 'flush_tlb_mm_range' && definition !== null,
  );
  const scope = scopeOf(configuration, cpuCount, header.nmis, options, border);
  return {
    open: () => new ReferenceSubject(new ReferenceSystem(options), scope, without),
    withoutTrouble: withoutTrouble(program, without),
  };
}
