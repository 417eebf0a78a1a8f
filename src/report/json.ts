/**
 * Results for programs: one JSON object on one line per configuration, with
 * the fields in the order of the format's description, whatever order they
 * were made in.
 */

import type { CheckResult, SearchReport } from '../trace/format.ts';

/** The line for one result, newline included. */
export function renderJson(result: CheckResult): string {
  const line: CheckResult = {
    formatVersion: result.formatVersion,
    scenario: result.scenario,
    variant: result.variant,
    kernel: result.kernel,
    config: result.config,
    era: result.era,
    arch: result.arch,
    platform: result.platform,
    memory: result.memory,
    verdict: result.verdict,
    expected: result.expected,
    property: result.property,
    message: result.message,
    executions: result.executions,
    states: result.states,
    transitions: result.transitions,
    seconds: result.seconds,
    violations: result.violations.map(({ property, site }) => ({ property, site })),
    ipiRounds: result.ipiRounds,
    assumptions: {
      fromTree: result.assumptions.fromTree,
      intrinsics: result.assumptions.intrinsics,
      stubs: result.assumptions.stubs,
      bounds: {
        scope: result.assumptions.bounds.scope,
        cuts: result.assumptions.bounds.cuts,
      },
    },
    search: result.search === null ? null : searchFields(result.search),
    counterexample:
      result.counterexample === null
        ? null
        : {
            schedule: result.counterexample.schedule,
            shortest: result.counterexample.shortest,
            steps: result.counterexample.steps,
          },
  };
  return `${JSON.stringify(line)}\n`;
}

function searchFields(search: SearchReport): SearchReport {
  const { instructions, seconds } = search;
  return {
    kind: search.kind,
    why: search.why,
    order: search.order,
    symmetric: search.symmetric,
    commutingAdds: search.commutingAdds,
    executions: search.executions,
    traces: search.traces,
    asleep: search.asleep,
    states: search.states,
    transitions: search.transitions,
    looks: search.looks,
    deepest: search.deepest,
    instructions: { visible: instructions.visible, merged: instructions.merged },
    madeVisible: search.madeVisible,
    restarts: search.restarts,
    seconds: {
      compiling: seconds.compiling,
      exploring: seconds.exploring,
      shortening: seconds.shortening,
    },
    bytesPerState: search.bytesPerState,
    bytesPerStep: search.bytesPerStep,
  };
}
