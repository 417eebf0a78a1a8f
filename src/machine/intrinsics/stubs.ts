import { type Intrinsic, PROGRESS } from './intrinsic.ts';

/** Kernel functions whose effects nothing here depends on: they do nothing. Each is named in the verdict. */
function nothing(name: string): Intrinsic {
  return {
    names: [name],
    kind: 'stub',
    run: () => PROGRESS.done,
    describe: () => `${name}: nothing`,
  };
}

export const STUBS: readonly Intrinsic[] = [
  'mod_node_page_state',
  'percpu_counter_add_batch',
  'mm_trace_rss_stat',
  '__SCT__might_resched',
  '__SCT__preempt_schedule',
  '__SCT__preempt_schedule_notrace',
].map(nothing);
