/** The reference engine's system, with the names and facts that `check` prints. */

import type { ReferenceSystem } from '../../engine/reference/system.ts';
import type {
  ActorId,
  Footprint,
  Mark,
  Outcome,
  Space,
  Status,
  StepLabel,
} from '../../explore/system.ts';
import type { Module } from '../../llvm/module.ts';
import { INTRINSICS, intrinsicIndex } from '../../machine/intrinsics/index.ts';
import type { ProgramFunction } from '../../program/link.ts';
import type { Assumptions, IpiRounds, Property } from '../../trace/format.ts';
import type { Subject } from './subject.ts';

/** Facts of the configuration that belong to the scope of a verdict. */
export type Scope = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export class ReferenceSubject implements Subject {
  readonly spaces: readonly Space[];
  readonly alike: readonly (readonly ActorId[])[];
  readonly #system: ReferenceSystem;
  readonly #scope: Scope;
  readonly #without: string | null;

  constructor(system: ReferenceSystem, scope: Scope, without: string | null) {
    this.#system = system;
    this.#scope = scope;
    this.#without = without;
    this.spaces = system.spaces;
    this.alike = system.alike;
  }

  reset(): void {
    this.#system.reset();
  }

  actors(out: Uint32Array): number {
    return this.#system.actors(out);
  }

  status(actor: ActorId): Status {
    return this.#system.status(actor);
  }

  must(actor: ActorId): boolean {
    return this.#system.must(actor);
  }

  next(actor: ActorId, out: Footprint): number {
    return this.#system.next(actor, out);
  }

  take(actor: ActorId, choice: number, out: Footprint): Outcome {
    return this.#system.take(actor, choice, out);
  }

  mark(): Mark {
    return this.#system.mark();
  }

  rewind(to: Mark): void {
    this.#system.rewind(to);
  }

  stateKey(out: Uint8Array): number {
    return this.#system.stateKey(out);
  }

  save(): Uint8Array {
    return this.#system.save();
  }

  load(bytes: Uint8Array): void {
    this.#system.load(bytes);
  }

  label(actor: ActorId, choice: number): StepLabel {
    return this.#system.label(actor, choice);
  }

  describeBlocked(actor: ActorId): string {
    return this.#system.describeBlocked(actor);
  }

  atEnd(deadlocked: boolean): readonly { readonly property: number; readonly site: number }[] {
    return this.#system.atEnd(deadlocked);
  }

  propertyName(property: number): Property {
    return this.#system.propertyName(property);
  }

  siteName(site: number): string {
    return this.#system.siteName(site);
  }

  cutName(bound: number): string {
    return this.#system.cutName(bound);
  }

  pendingInterrupts(): readonly (readonly number[])[] {
    return this.#system.pendingInterrupts();
  }

  heldLocks(cpu: number): readonly string[] {
    return this.#system.heldLocks(cpu);
  }

  irqsOff(cpu: number): boolean {
    return this.#system.irqsOff(cpu);
  }

  explain(property: number, site: number): string {
    return this.#system.detailOf(property, site);
  }

  assumptions(): Assumptions {
    const { functionsRun, intrinsicsRun } = this.#system.interpreter;
    const scenario = this.#system.machine.program.modules[0];
    const kernelCode = [...functionsRun].filter((one) => isKernelCode(one, scenario));
    const named = [...intrinsicsRun].filter((name) => !OWN.test(name)).sort();
    const kindOf = (name: string): string => INTRINSICS[intrinsicIndex(name)]?.kind ?? 'intrinsic';
    return {
      fromTree: [...new Set(kernelCode.map((one) => one.name))].sort(),
      intrinsics: named.filter((name) => kindOf(name) === 'intrinsic'),
      stubs: named.filter((name) => kindOf(name) === 'stub'),
      bounds: { scope: this.#scope, cuts: [] },
    };
  }

  wasCalled(name: string): boolean {
    const { interpreter } = this.#system;
    if (name === this.#without) return interpreter.withoutCalls > 0;
    return [...interpreter.functionsRun].some((one) => one.name === name);
  }

  instructionsRun(): { visible: number; merged: number } {
    const { visibleRun, mergedRun } = this.#system.interpreter;
    return { visible: visibleRun, merged: mergedRun };
  }

  ipiRounds(): Pick<IpiRounds, 'total' | 'underPtl'> {
    return this.#system.machine.rounds.most();
  }

  forgetIpiRounds(): void {
    this.#system.machine.rounds.forget();
  }

  visiblePlaces(): readonly number[] {
    return this.#system.machine.watch.visible();
  }

  makeVisible(places: readonly number[]): void {
    const { watch } = this.#system.machine;
    for (const place of places) watch.make(place);
  }
}

/** What the machine and the compiler bring along: no part of any kernel. */
const OWN = /^(?:llvm\.|shootdown_)/;

/** Headers of ours that are compiled into a scenario. */
const SCENARIO_HEADERS = /(?:^|\/)kernel\/scenario\//;

/** Code of the kernel rather than of the scenario. A kernel's header compiled into the scenario counts as the kernel's. */
function isKernelCode(one: ProgramFunction, scenario: Module): boolean {
  if (one.module === null || one.definition === null) return false;
  if (one.module !== scenario) return true;
  const located = one.code().insns.find((insn) => insn.debug >= 0);
  const file = located === undefined ? null : (scenario.location(located.debug)?.file ?? null);
  return file !== null && file !== scenario.sourceFilename && !SCENARIO_HEADERS.test(file);
}
