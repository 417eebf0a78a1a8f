/** Which scenarios are checked in which configurations, settled before any work. */

import type { KernelDir } from '../../clang/kernel-dir.ts';
import {
  type Configuration,
  describeTarget,
  expandBuiltin,
  expandKernelFolder,
  type Selection,
} from '../../scenario/configurations.ts';
import { findScenario, type Scenario } from '../scenario-files.ts';
import { kernelFolderOf } from './compile.ts';

export interface Plan {
  readonly scenario: Scenario;
  /** Not empty. */
  readonly configurations: readonly Configuration[];
}

/** The configurations of one scenario that `selection` allows. Fails: InputError. */
export function expand(
  scenario: Scenario,
  selection: Selection,
  kernel: KernelDir | null,
): Configuration[] {
  const { name, header } = scenario;
  return kernel === null
    ? expandBuiltin(name, header, selection)
    : expandKernelFolder(name, header, selection, kernelFolderOf(kernel));
}

/** Plans for each scenario named, each once. Fails: InputError. */
export function makePlans(
  targets: readonly string[],
  selection: Selection,
  kernel: KernelDir | null,
): Plan[] {
  return [...new Set(targets)].map((target) => {
    const scenario = findScenario(target);
    return { scenario, configurations: expand(scenario, selection, kernel) };
  });
}

/** `no-sync on i386-pae hyperv`. */
export function describeConfiguration(configuration: Configuration): string {
  return `${configuration.variant} on ${describeTarget(configuration)}`;
}
