import { describe, expect, test } from 'vitest';
import { colourInk, plainInk } from '../../src/report/ink.ts';
import { renderJson } from '../../src/report/json.ts';
import { renderSearch } from '../../src/report/search.ts';
import { renderSpaceTime } from '../../src/report/space-time.ts';
import { renderReport, type ScenarioReport } from '../../src/report/text.ts';
import { CPU_NAMES, RESULTS, STEPS, safe, unsafe } from './sample-results.ts';

const REPORT: ScenarioReport = {
  scenario: 'retract-vs-pte-map',
  target: 'retract-vs-pte-map',
  question:
    'May pmdp_get_lockless_sync() move out from under PTL, when pte_free_defer() frees the table after it?',
  cpuNames: CPU_NAMES,
  without: null,
  results: RESULTS,
};

const widest = (text: string): number =>
  Math.max(...text.split('\n').map((line) => (line.startsWith('Replay:') ? 0 : line.length)));
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
const unpainted = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

describe('the text report', () => {
  test.each([60, 80, 100, 120, 140])('at %i columns', async (width) => {
    const text = renderReport(REPORT, { width, ink: plainInk });
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(text).not.toMatch(/ $/m);
    await expect(text).toMatchFileSnapshot(`goldens/report-${width}.txt`);
  });

  test('colours change nothing but the colours', () => {
    const painted = renderReport(REPORT, { width: 100, ink: colourInk });
    expect(painted).toContain('\u001b[');
    expect(unpainted(painted)).toBe(renderReport(REPORT, { width: 100, ink: plainInk }));
  });

  test('a counterexample that differs in one step is printed on its own', () => {
    const other = STEPS.with(3, { ...STEPS[3], line: STEPS[3].line + 1 });
    const results = [
      unsafe(),
      unsafe({
        platform: 'kvm',
        counterexample: { schedule: 'v1.00000000.0', shortest: false, steps: other },
      }),
    ];
    const text = renderReport({ ...REPORT, results }, { width: 100, ink: plainInk });
    expect(text.match(/What went wrong:/g)).toHaveLength(2);
    expect(text).toContain(
      'sync-after-unlock on i386-pae kvm: unsafe, torn-entry  16 steps, minimised',
    );
  });

  test('a scenario that expects nothing is not called as expected', () => {
    const text = renderReport(
      { ...REPORT, results: [safe({ expected: null })] },
      { width: 100, ink: plainInk },
    );
    expect(text).toContain('1 configuration: 1 safe (');
  });

  test('the replay command names what is not the default', () => {
    const page = { width: 100, ink: plainInk };
    const replay = (report: ScenarioReport): string | undefined =>
      /Replay: (.*)/.exec(renderReport(report, page))?.[1];
    const schedule = unsafe().counterexample!.schedule;
    expect(replay({ ...REPORT, results: [unsafe({ config: { HIGHPTE: false } })] })).toBe(
      'shootdown check retract-vs-pte-map --variant sync-after-unlock --arch i386-pae --platform hyperv' +
        ` --config HIGHPTE=n --replay ${schedule}`,
    );
    const folder = { ...REPORT, target: 'my file.c', without: 'f' };
    expect(replay({ ...folder, results: [unsafe({ kernel: 'out/pae' })] })).toBe(
      "shootdown check 'my file.c' --variant sync-after-unlock --kernel out/pae --platform hyperv" +
        ` --without f --replay ${schedule}`,
    );
  });
});

describe('the space-time diagram', () => {
  test('numbers every step, at every width', () => {
    for (let width = 40; width <= 200; width++) {
      const text = renderSpaceTime(STEPS, CPU_NAMES, { width, ink: plainInk });
      expect(widest(text)).toBeLessThanOrEqual(width);
      const numbers = text.match(/^ *\d+ /gm)?.map(Number);
      expect(numbers).toEqual(STEPS.map((_, index) => index + 1));
    }
  });

  test('the bars are what the CPU had after each step', () => {
    const text = renderSpaceTime(STEPS, CPU_NAMES, { width: 200, ink: plainInk });
    // A step of no CPU is drawn across the columns.
    const shown = STEPS.flatMap((step, i) => (step.cpu < 0 ? [] : [i]));
    const lines = text.split('\n').filter((line) => /^ *\d/.test(line));
    const rows = shown.map((i) => lines[i]);
    const column = text.split('\n')[0].indexOf('CPU 1') - 3;
    const irqs = rows.map((row) => row[column] === '▌');
    expect(irqs).toEqual(shown.map((i) => i >= 1 && i < 14));
    const locks = rows.map((row) => row[text.split('\n')[0].indexOf('CPU 0') - 2] === '┃');
    expect(locks).toEqual(shown.map((i) => i >= 2 && i < 9));
  });
});

describe('how the verdicts were come by', () => {
  const page = { width: 200, ink: plainInk };
  const SEARCH = safe().search;
  if (SEARCH === null) throw new Error('the sample was searched');

  test('sums over configurations, kinds of search apart', () => {
    const graph = {
      ...SEARCH,
      kind: 'graph',
      why: 'asked for',
      order: 'breadth',
      symmetric: true,
      traces: null,
      looks: 0,
      bytesPerState: 310,
      bytesPerStep: null,
      commutingAdds: false,
    } as const;
    const text = renderSearch([safe(), safe(), safe({ search: graph })], page);
    expect(text?.split('\n')).toEqual([
      'How they were come by',
      '  search        stateless (no CPUs are known to be alike) and graph, breadth first (asked for)',
      '  visited       364 executions, one per trace, none given up half-way, 6,400 steps and 1,400 looks ahead; the deepest execution has 31 steps, at most 2,400 bytes kept for each',
      '  visited       2,900 states up to symmetry, of at most 310 bytes each, 3,200 steps; the deepest execution has 31 steps',
      '  spared        123,000 private instructions merged into 9,600 visible ones; 42 places found to be shared after all, 9 new starts for that; atomic adds do not commute',
      '  time          compiling 1.2 s, exploring 0.4 s',
    ]);
  });

  test('says nothing of what was not searched', () => {
    expect(renderSearch([safe({ search: null })], page)).toBeNull();
  });
});

describe('JSON', () => {
  test('has exactly the fields of the format, in its order, on one line', () => {
    const line = renderJson(unsafe());
    expect(line.endsWith('\n')).toBe(true);
    expect(line.trimEnd()).not.toContain('\n');
    const object = JSON.parse(line);
    expect(Object.keys(object)).toEqual([
      ...['formatVersion', 'scenario', 'variant', 'kernel', 'config', 'era', 'arch', 'platform'],
      ...['memory', 'verdict', 'expected', 'property', 'message', 'executions', 'states'],
      ...['transitions', 'seconds', 'violations', 'ipiRounds', 'assumptions', 'search'],
      'counterexample',
    ]);
    expect(Object.keys(object.search)).toEqual([
      ...['kind', 'why', 'order', 'symmetric', 'commutingAdds', 'executions', 'traces', 'asleep'],
      ...['states', 'transitions', 'looks', 'deepest', 'instructions', 'madeVisible', 'restarts'],
      ...['seconds', 'bytesPerState', 'bytesPerStep'],
    ]);
    expect(Object.keys(object.search.seconds)).toEqual(['compiling', 'exploring', 'shortening']);
    expect(Object.keys(object.assumptions)).toEqual(['fromTree', 'intrinsics', 'stubs', 'bounds']);
    expect(Object.keys(object.assumptions.bounds)).toEqual(['scope', 'cuts']);
    expect(object).toEqual(unsafe());
  });

  test('property and counterexample are null when safe', () => {
    expect(JSON.parse(renderJson(safe()))).toMatchObject({ property: null, counterexample: null });
  });
});
