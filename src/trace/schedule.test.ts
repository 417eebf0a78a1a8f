import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatSchedule,
  parseSchedule,
  type Schedule,
  type ScheduleSubject,
  scheduleIdentity,
} from './schedule.ts';

const SUBJECT: ScheduleSubject = {
  scenario: 'demo',
  variant: 'mainline',
  kernel: 'builtin',
  arch: 'i386-pae',
  platform: 'hyperv',
  memory: 'sc',
  era: '6.12',
  config: { HIGHPTE: true, PARAVIRT: true },
  without: null,
};
const steps = (...pairs: [number, number][]): Schedule['steps'] =>
  pairs.map(([actor, choice]) => ({ actor, choice }));

test('the documented example', () => {
  const schedule = {
    identity: '9d3c01aa',
    steps: steps([0, 0], [0, 0], [0, 0], [2, 1], [0, 0]),
    splits: [],
  };
  expect(formatSchedule(schedule)).toBe('v1.9d3c01aa.5.0x3.2-1.0');
  const split = { ...schedule, splits: [100, 101, 102, 103] };
  expect(formatSchedule(split)).toBe('v1.9d3c01aa.5.s34-1x3.0x3.2-1.0');
});

test('what is written is read back', () => {
  const number = fc.nat(1 << 20);
  const few = fc.nat(3);
  const schedules = fc.record({
    identity: fc.nat(0xffffffff).map((n) => n.toString(16).padStart(8, '0')),
    steps: fc.oneof(
      fc.array(fc.record({ actor: number, choice: number })),
      fc.array(fc.record({ actor: few, choice: few }), { maxLength: 200 }),
    ),
    splits: fc
      .oneof(fc.uniqueArray(number), fc.uniqueArray(fc.nat(300)))
      .map((list) => list.sort((a, b) => a - b)),
  });
  fc.assert(
    fc.property(schedules, (schedule) => {
      const text = formatSchedule(schedule);
      expect(text).toMatch(/^[a-z0-9.-]+$/);
      expect(parseSchedule(text)).toEqual(schedule);
    }),
  );
});

test('a lost tail is noticed, whatever its length', () => {
  const schedule = {
    identity: '00000000',
    steps: steps([0, 0], [0, 0], [12, 3], [1, 0]),
    splits: [7],
  };
  const text = formatSchedule(schedule);
  for (let length = 0; length < text.length; length++) {
    const parsed = parseSchedule(text.slice(0, length));
    // Only digits lost from the very last number can go unseen.
    if (typeof parsed !== 'string')
      expect(length).toBeGreaterThanOrEqual(text.lastIndexOf('.') + 1);
  }
});

test.each([
  ['', 'is not a schedule'],
  ['0.1.2', 'is not a schedule'],
  ['v2.00000000.0', 'format v2; this version reads v1 only'],
  ['v1.xyz.0', 'is not the identity'],
  ['v1.00000000', 'does not say how many steps'],
  ['v1.00000000.2.0', 'should have 2 steps'],
  ['v1.00000000.1.0x2', 'should have 1 steps'],
  ['v1.00000000.1.0x0', 'should have 1 steps'],
  ['v1.00000000.1.a', "'a' in the schedule is not a step"],
  ['v1.00000000.1.s1-.0', 'is not a list of split places'],
  ['v1.00000000.999999999.0x999999999', 'at most 1000000 are read'],
])('%j is refused', (text, message) => {
  expect(parseSchedule(text)).toContain(message);
});

describe('identity', () => {
  test('does not hang on the order of symbols or on where a build folder lies', () => {
    const turned = { ...SUBJECT, config: { PARAVIRT: true, HIGHPTE: true } };
    expect(scheduleIdentity(turned)).toBe(scheduleIdentity(SUBJECT));
    const here = scheduleIdentity({ ...SUBJECT, kernel: 'a/b' });
    expect(scheduleIdentity({ ...SUBJECT, kernel: '/c' })).toBe(here);
    expect(here).not.toBe(scheduleIdentity(SUBJECT));
  });

  test.each([
    { scenario: 'other' },
    { variant: 'no-sync' },
    { arch: 'x86_64' },
    { platform: 'native' },
    { memory: 'tso' },
    { era: '6.18' },
    { config: { HIGHPTE: false, PARAVIRT: true } },
    { without: 'f' },
  ])('hangs on %j', (change) => {
    expect(scheduleIdentity({ ...SUBJECT, ...change })).not.toBe(scheduleIdentity(SUBJECT));
  });
});
