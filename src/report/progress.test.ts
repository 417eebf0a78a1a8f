import { expect, test } from 'vitest';
import { renderProgress, renderShortening } from './progress.ts';

const position = { number: 3, of: 12, configuration: 'no-sync on i386-pae hyperv' };

test('numbers, with the rate of steps', () => {
  const numbers = { executions: 1204, transitions: 104_000, depth: 34, seconds: 2 };
  expect(renderProgress({ ...position, ...numbers })).toBe(
    '3/12 no-sync on i386-pae hyperv: 1,204 executions, 52,000 steps/s, depth 34, 2.0 s',
  );
  const start = { executions: 1, transitions: 9, depth: 0, seconds: 0 };
  expect(renderProgress({ ...position, ...start })).toContain('1 execution, 0 steps/s');
});

test('shortening', () => {
  expect(renderShortening({ ...position, states: 12_000 })).toBe(
    '3/12 no-sync on i386-pae hyperv: unsafe; shortening the counterexample, 12,000 states',
  );
});
