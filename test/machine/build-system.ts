/**
 * Systems for tests of the machine: from the text of a C file, or from a
 * scenario in one of its configurations. What a search learns about shared
 * places stays with the system, so `settled` runs both searches until neither
 * learns any more; from then on `next` is stable and oracles may walk about.
 */

import {
  archDefines,
  BUILTIN_PATHS,
  BUILTIN_SOURCE,
  builtinIncludes,
  SCENARIO_INCLUDES,
} from '../../src/clang/builtin-kernel.ts';
import type { Compiler } from '../../src/clang/compiler.ts';
import { embeddedCompiler } from '../../src/clang/embedded.ts';
import { Compilations } from '../../src/cli/check/compile.ts';
import { needsPaths } from '../../src/cli/check/units.ts';
import { findScenario } from '../../src/cli/scenario-files.ts';
import { ReferenceSystem } from '../../src/engine/reference/system.ts';
import { exploreStateless } from '../../src/explore/dpor.ts';
import { exploreGraph } from '../../src/explore/graph.ts';
import type { SearchOptions, SearchResult } from '../../src/explore/search.ts';
import type { Module } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { ARCHITECTURES } from '../../src/machine/arch/index.ts';
import { readKernelLayout } from '../../src/machine/kernel-layout.ts';
import type { MachineMutation } from '../../src/machine/machine.ts';
import { MEMORY_MODELS } from '../../src/machine/memory-model/index.ts';
import { PLATFORMS, platformNumber } from '../../src/machine/platform/index.ts';
import { Program } from '../../src/program/link.ts';
import { type Configuration, expandBuiltin } from '../../src/scenario/configurations.ts';
import type { Arch, Era } from '../../src/scenario/targets.ts';

export type ArchName = Arch;

export interface BuildOptions {
  readonly arch?: ArchName;
  readonly platform?: string;
  /** Linux version that the built-in kernel follows. */
  readonly era?: Era;
  readonly preemptions?: number;
  readonly model?: 'sc' | 'tso';
  readonly without?: string;
  readonly commutingAdds?: boolean;
  /** Which of the program's CPU functions each CPU runs; as numbered where not given. */
  readonly order?: readonly number[];
  /** Number of the enumerator of V_... that `scenario_variant` has. */
  readonly variant?: number;
  /** Names for `variant(name)`, in order. */
  readonly variants?: readonly string[];
  /** Macros for the text, besides those of the configuration. */
  readonly defines?: Readonly<Record<string, string>>;
  /** Test-only switches of the machine. */
  readonly mutation?: MachineMutation;
  readonly plainHandlers?: boolean;
  /** NMIs that may strike each CPU for which the text defines `nmi<cpu>`. */
  readonly nmis?: number;
  /** Test-only switches of lowering. */
  readonly simplifications?: { readonly promote?: boolean; readonly liveness?: boolean };
}

let compiler: Promise<Compiler> | null = null;
const kernels = new Map<string, Module>();

async function compile(
  request: { source: string; files?: Record<string, string> },
  arch: ArchName,
  defines: Record<string, string>,
): Promise<Module> {
  compiler ??= embeddedCompiler();
  const outcome = await (await compiler).compile({
    ...request,
    arch,
    includeDirectories: [...builtinIncludes(arch), SCENARIO_INCLUDES],
    defines,
    forcedIncludes: ['linux/kconfig.h'],
  });
  if (outcome.kind === 'error')
    throw new Error(outcome.diagnostics.map(({ rendered }) => rendered).join('\n'));
  return readModule(outcome.text, request.source);
}

function defines(arch: ArchName, era: Era = '6.12'): Record<string, string> {
  const [major, minor] = era.split('.').map(Number);
  return {
    ...archDefines(arch),
    CONFIG_PARAVIRT: '1',
    CONFIG_HIGHPTE: '1',
    LINUX_VERSION_CODE: String((major! << 16) + (minor! << 8)),
  };
}

async function builtinKernel(
  arch: ArchName,
  era: Era | undefined,
  source: string,
): Promise<Module> {
  const key = `${arch} ${era} ${source}`;
  const kernel = kernels.get(key) ?? (await compile({ source }, arch, defines(arch, era)));
  kernels.set(key, kernel);
  return kernel;
}

/** What a system is made of: made once, opened as often as wanted. */
export interface Built {
  readonly program: Program;
  /** A fresh system that has learnt nothing. */
  open(): ReferenceSystem;
}

function built(
  modules: readonly Module[],
  options: BuildOptions & { readonly arch: ArchName; readonly cpuCount?: number },
): Built {
  const arch = ARCHITECTURES[options.arch]!;
  const most = Array.from({ length: options.cpuCount ?? 8 }, (_, cpu) => `cpu${cpu}`);
  const roles = most.filter((name) => modules.some(({ functions }) => functions.has(name)));
  const program = new Program({
    target: arch.target,
    modules,
    provided: new Map([
      ['scenario_variant', { size: 4, value: BigInt(options.variant ?? 0) }],
      ['nr_cpu_ids', { size: 4, value: BigInt(options.order?.length ?? roles.length) }],
      ['scenario_platform', { size: 4, value: platformNumber(options.platform ?? 'native') }],
      ...Object.entries(arch.variables),
    ]),
    simplifications: options.simplifications,
  });
  const cpus = [];
  for (const role of roles) {
    const entry = program.entry(role);
    if (entry) cpus.push(entry);
  }
  const ordered = options.order ? options.order.map((number) => cpus[number]!) : cpus;
  return {
    program,
    open: () =>
      new ReferenceSystem({
        arch,
        platform: PLATFORMS[options.platform ?? 'native']!,
        model: MEMORY_MODELS[options.model ?? 'sc']!,
        program,
        layout: readKernelLayout(program)!,
        cpuCount: ordered.length,
        preemptions: options.preemptions ?? 0,
        setup: program.entry('setup'),
        cpus: ordered,
        finish: program.entry('finish'),
        without: options.without ?? null,
        commutingAdds: options.commutingAdds ?? true,
        mutation: options.mutation,
        plainHandlers: options.plainHandlers,
        ...(options.nmis ? nmisOf(program, ordered.length, options.nmis) : {}),
      }),
  };
}

function nmisOf(program: Program, cpuCount: number, nmis: number) {
  const nmiHandlers = Array.from({ length: cpuCount }, (_, cpu) => program.entry(`nmi${cpu}`));
  return { nmiHandlers, nmis: nmiHandlers.map((handler) => (handler === null ? 0 : nmis)) };
}

const PRELUDE =
  '#include <linux/mm.h>\n#include <linux/irqflags.h>\n#include <linux/preempt.h>\n#include <linux/rcupdate.h>\n#include <linux/smp.h>\n#include <linux/spinlock.h>\n#include <asm/tlb.h>\n#include <shootdown/scenario.h>\n#line 1\n';

/** From the text of a C file, linked with the built-in kernel. The headers that tests need are included already. */
export async function buildText(text: string, options: BuildOptions = {}): Promise<Built> {
  const arch = options.arch ?? 'x86_64';
  const names = (options.variants ?? ['only']).map((name) => `V_${name}`).join(',');
  const module = await compile({ source: 'test.c', files: { 'test.c': PRELUDE + text } }, arch, {
    ...defines(arch, options.era),
    ...options.defines,
    SCENARIO_VARIANTS: names,
  });
  const { era } = options;
  const modules = [module, await builtinKernel(arch, era, BUILTIN_SOURCE)];
  if (needsPaths(module, modules[1]!)) modules.push(await builtinKernel(arch, era, BUILTIN_PATHS));
  return built(modules, { ...options, arch });
}

const compilations = new Compilations(null, () => {});

/** The configurations that a scenario names. */
export function configurationsOf(scenario: string): Configuration[] {
  return expandBuiltin(scenario, findScenario(scenario).header, {});
}

/** A scenario in one of its configurations. */
export async function buildScenario(
  configuration: Configuration,
  options: Pick<
    BuildOptions,
    | 'mutation'
    | 'model'
    | 'plainHandlers'
    | 'simplifications'
    | 'without'
    | 'commutingAdds'
    | 'order'
  > = {},
): Promise<Built> {
  const scenario = findScenario(configuration.scenario);
  const { arch, platform, preemptions, variantIndex } = configuration;
  return built(await compilations.modules(scenario, configuration), {
    ...options,
    arch,
    platform,
    preemptions,
    variant: variantIndex,
    cpuCount: scenario.header.cpus.length,
  });
}

export type Search = (system: ReferenceSystem, options?: SearchOptions) => Promise<SearchResult>;

/** Searches from the start as often as the system learns something. Fails: where a search does not end. */
export async function searchToEnd(
  system: ReferenceSystem,
  search: Search = exploreStateless,
  options: SearchOptions = {},
): Promise<SearchResult> {
  for (;;) {
    const result = await search(system, { timeoutMs: 60_000, ...options });
    if (result.kind === 'restart') continue;
    if (result.kind !== 'complete') throw new Error(`the search ended as ${result.stopReason}`);
    return result;
  }
}

/** A system of which both searches have learnt all there is. */
export async function settled({ open }: Built): Promise<ReferenceSystem> {
  const system = open();
  for (;;) {
    const before = system.machine.watch.visibleCount;
    await searchToEnd(system, exploreStateless);
    await searchToEnd(system, exploreGraph);
    if (system.machine.watch.visibleCount === before) return system;
  }
}

/** A factory for oracles that want two systems alike: it gives out two settled ones in turn. */
export async function settledFactory(make: Built): Promise<() => ReferenceSystem> {
  const pair = [await settled(make), await settled(make)];
  let turn = 0;
  return () => pair[turn++ % 2]!;
}

/** "property file:line function" of each violation, sorted; "cut: bound" of each cut. */
export function findings(system: ReferenceSystem, result: SearchResult): string[] {
  return [
    ...result.violations.map(
      ({ property, site }) => `${system.propertyName(property)} ${system.siteName(site)}`,
    ),
    ...result.cuts.map(({ bound }) => `cut: ${system.cutName(bound)}`),
  ].sort();
}

/** The properties violated, sorted, each once. */
export function properties(system: ReferenceSystem, result: SearchResult): string[] {
  return [
    ...new Set(result.violations.map(({ property }) => system.propertyName(property) as string)),
  ].sort();
}

/** Builds, searches to the end, and says which properties are violated, and by which texts. */
export async function check(
  text: string,
  options: BuildOptions = {},
  search: Search = exploreStateless,
): Promise<{ properties: string[]; details: string[]; cuts: string[]; result: SearchResult }> {
  const system = (await buildText(text, options)).open();
  const result = await searchToEnd(system, search);
  return {
    properties: properties(system, result),
    details: [...new Set(result.violations.map((v) => system.detailOf(v.property, v.site)))].sort(),
    cuts: result.cuts.map(({ bound }) => system.cutName(bound)),
    result,
  };
}

/** What one outcome of a litmus test is called: `r0=0 r1=1`. */
function combinations(variables: Readonly<Record<string, readonly number[]>>): string[][] {
  return Object.entries(variables).reduce<string[][]>(
    (known, [name, values]) =>
      known.flatMap((some) => values.map((value) => [...some, `${name}=${value}`])),
    [[]],
  );
}

/**
 * The exact set of outcomes of a litmus test in C: the values that `variables`
 * may have at the end, as both searches see them. Anything else that goes
 * wrong is in the set, too.
 */
export async function outcomes(
  text: string,
  variables: Readonly<Record<string, readonly number[]>>,
  options: BuildOptions = {},
): Promise<string[]> {
  const lines = combinations(variables).map((one) => {
    const condition = one.map((part) => part.replace('=', ' == ')).join(' && ');
    return `shootdown_require("assertion", !(${condition}), "${one.join(' ')}");`;
  });
  const whole = `${text}\nvoid finish(void)\n{\n${lines.join('\n')}\n}\n`;
  const reduced = await check(whole, options);
  const graph = await check(whole, options, exploreGraph);
  const set = ({ details, cuts }: { details: string[]; cuts: string[] }): string[] => [
    ...details,
    ...cuts.map((cut) => `cut: ${cut}`),
  ];
  if (set(reduced).join() !== set(graph).join())
    throw new Error(`the searches differ: ${set(reduced).join()} and ${set(graph).join()}`);
  return set(reduced);
}
