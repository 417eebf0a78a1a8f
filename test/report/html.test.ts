/** The page of `--html`: well formed by a validator's word, complete, and safe from what results contain. */

import { HtmlValidate } from 'html-validate';
import { describe, expect, test } from 'vitest';
import { renderMatrixPage } from '../../src/report/html/page.ts';
import type { Matrix } from '../../src/report/matrix/matrix.ts';
import type { TraceStep } from '../../src/trace/format.ts';
import { CPU_NAMES, STEPS, unsafe } from '../cli/sample-results.ts';
import { MATRIX } from './sample-matrix.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y'],
  // Ours is `<!DOCTYPE html>`; `<td></td>` needs no text.
  rules: { 'no-inline-style': 'error' },
});

async function problems(page: string): Promise<string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`),
  );
}

const step = (cpu: number, event: string, more: Partial<TraceStep> = {}): TraceStep => ({
  cpu,
  function: 'f',
  file: 'a.c',
  line: 1,
  event,
  ...more,
});

/** A page about one execution. */
function pageOf(steps: readonly TraceStep[], cpuNames: readonly string[] = CPU_NAMES): string {
  const [family] = MATRIX.families;
  const counterexample = { schedule: 'v1.00000000.0', shortest: true, steps };
  const results = [unsafe({ counterexample })];
  return renderMatrixPage({ ...MATRIX, families: [{ ...family!, cpuNames, results }] });
}

/** Class lists of the CPUs' cells in the row of a step. */
function bars(page: string, number: number): string[] {
  const row = new RegExp(`<tr><th scope="row">${number}</th>(.*)</tr>`).exec(page)![1]!;
  return [...row.matchAll(/<td class="(lane[^"]*)"/g)].map(([, classes]) => classes!);
}

describe('the page', () => {
  const page = renderMatrixPage(MATRIX);

  test('is valid and accessible HTML', async () => {
    expect(await problems(page)).toEqual([]);
  });

  test('the validator finds what is wrong', async () => {
    expect(await problems(page.replace('</table>', ''))).not.toEqual([]);
    expect(await problems(page.replace('<html lang="en">', '<html>'))).not.toEqual([]);
  });

  test('leads from each unsafe cell to an execution', () => {
    const unsafeCells = page.match(/<td class="unsafe[^"]*">/g) ?? [];
    const links = [...page.matchAll(/<td class="unsafe[^"]*"><a href="#(x\d+)">/g)];
    const targets = new Set([...page.matchAll(/<article id="(x\d+)"/g)].map(([, id]) => id));
    expect(links).toHaveLength(3);
    expect(unsafeCells).toHaveLength(3);
    for (const [, id] of links) expect(targets).toContain(id);
    // Two of the three tell the same story.
    expect(targets.size).toBe(2);
  });

  test('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<(?:script|link|img|iframe)\b|https?:|url\(|@import/);
  });

  test('is not written by what a result contains', async () => {
    const hostile = '<b class="x">&amp; "quoted"';
    const family = { ...MATRIX.families[0]!, question: hostile, cpuNames: [hostile] };
    const results = [
      unsafe({
        message: hostile,
        counterexample: {
          schedule: hostile,
          shortest: true,
          steps: [step(0, hostile, { function: hostile, file: hostile, locks: [hostile] })],
        },
      }),
    ];
    const matrix: Matrix = {
      name: hostile,
      question: hostile,
      source: hostile,
      families: [{ ...family, results }],
    };
    const text = renderMatrixPage(matrix);
    expect(text).not.toContain('<b class="x">');
    expect(await problems(text)).toEqual([]);
  });
});

describe('the diagram', () => {
  test('has every step, its source, and what went wrong', async () => {
    const page = pageOf(STEPS);
    expect(page.match(/<tr><th scope="row">\d+<\/th>/g)).toHaveLength(STEPS.length);
    for (const { file, line } of STEPS) {
      if (file !== '') expect(page).toContain(`<code>${file}:${line}</code>`);
    }
    expect(page).toContain('a value that the PMD never held');
    expect(await problems(page)).toEqual([]);
  });

  test('bars last from where a lock is taken to where it is dropped, and so for interrupts', () => {
    const page = pageOf([
      step(0, 'lock', { locks: ['l'] }),
      step(1, 'interrupts off', { irqsOff: true }),
      step(0, 'unlock', { locks: [] }),
      step(1, 'interrupts on', { irqsOff: false }),
    ]);
    expect(bars(page, 1)).toEqual(['lane lock step', 'lane', 'lane']);
    expect(bars(page, 2)).toEqual(['lane lock', 'lane irq step', 'lane']);
    expect(bars(page, 3)).toEqual(['lane step', 'lane irq', 'lane']);
    expect(bars(page, 4)).toEqual(['lane', 'lane last step', 'lane']);
    expect(page).toContain('(interrupts are off)');
    expect(page).toContain('(holds l)');
  });

  test('an IPI crosses the columns between, and is pending until it is taken', () => {
    const page = pageOf([
      step(0, 'send', { sends: [2] }),
      step(1, 'meanwhile'),
      step(2, 'handled', { takes: [0] }),
      step(2, 'send back', { sends: [0, 1] }),
    ]);
    expect(bars(page, 1)).toEqual(['lane step sends-right', 'lane passes', 'lane ipi']);
    expect(bars(page, 2)).toEqual(['lane', 'lane step', 'lane ipi']);
    expect(bars(page, 3)).toEqual(['lane', 'lane', 'lane step']);
    expect(bars(page, 4)).toEqual(['lane ipi', 'lane ipi', 'lane last step sends-left']);
    expect(page).toContain('▶ IPI pending');
    expect(page).toContain('◀ IPI pending');
  });

  test('a step of no CPU goes across', () => {
    const page = pageOf([step(-1, 'a grace period ends'), step(0, 'x')]);
    expect(page).toContain('<td class="across step" colspan="3">a grace period ends</td>');
  });
});
