import { describe, expect, it } from 'vitest';
import { CompactFootprint } from './conflict.ts';
import { addToFootprint, newFootprint, READ, WRITE } from './system.ts';
import type { SequenceStep, WakeupStep } from './wakeup.ts';
import { APART, NOT_FIRST, placeOf, WakeupTrees } from './wakeup.ts';

const SPACES = [{ name: 'cells', kind: 'cell' }] as const;

/** `r` reads and `w` writes the cell; the first digit is the actor, the last the choice: `0wx`, `1rx:2`. */
function step(text: string): SequenceStep {
  const [body, choice = '0'] = text.split(':');
  const [actor, mode, cell] = body;
  const footprint = newFootprint();
  const at = cell.charCodeAt(0);
  addToFootprint(footprint, 0, mode === 'w' ? WRITE : READ, at, at + 1);
  const compact = new CompactFootprint();
  compact.copyFrom(footprint, SPACES);
  return { index: Number(actor), choice: Number(choice), footprint: compact };
}

const steps = (text: string): SequenceStep[] => text.split(' ').map(step);

describe('placeOf', () => {
  it.each([
    ['0wx', '0wx 1wy', 0],
    ['1wy', '0wx 1wy', 1],
    ['1rx', '0wx 1rx', NOT_FIRST],
    ['1rx', '0rx 1rx', 1],
    ['2wz', '0wx 1wy', APART],
    ['2ry', '0wx 1wy', NOT_FIRST],
    // Another choice of the same actor is another step.
    ['0wx:1', '0wx 1wy', NOT_FIRST],
    ['0wx:1', '1wy 0wx:1', 1],
    // Its own footprint decides, not the one that it has after others.
    ['1rx', '0wx 1ry', NOT_FIRST],
  ] as const)('%s in %s: %i', (one, sequence, place) => {
    expect(placeOf(step(one), steps(sequence))).toBe(place);
  });
});

describe('WakeupTrees', () => {
  /** The tree as text: a step, what comes after it in brackets, and its siblings. */
  function show(tree: WakeupStep | null): string {
    const parts: string[] = [];
    for (let at = tree; at !== null; at = at.next) {
      parts.push(at.first === null ? `${at.index}` : `${at.index}(${show(at.first)})`);
    }
    return parts.join(' ');
  }

  function insertAll(...sequences: readonly string[]): string {
    const trees = new WakeupTrees();
    let tree: WakeupStep | null = null;
    for (const text of sequences) {
      const missing = trees.missing(tree, steps(text));
      if (missing !== null) tree = trees.insert(tree, missing);
    }
    expect(trees.steps).toBe(show(tree).replace(/[^0-9]/g, '').length);
    return show(tree);
  }

  it.each([
    ['one sequence', ['0wx 1wx'], '0(1)'],
    ['a second beside it', ['0wx 1wx', '1wx 0wx'], '0(1) 1(0)'],
    ['one that shares its beginning', ['0wx 1wx 2wx', '0wx 2wx'], '0(1(2) 2)'],
    ['one that a leaf covers', ['0wx', '0wx 1wx'], '0'],
    ['one that is part of another', ['0wx 1wx', '0wx'], '0(1)'],
    ['one that only differs in the order of independent steps', ['0wx 1wy', '1wy 0wx'], '0(1)'],
    ['one with nothing to do with a leaf', ['0wx', '1wy 2wy'], '0'],
    ['the leftmost branch that fits', ['0wx 1wx 2wx', '3wy 0wx 2wx 1wx'], '0(1(2) 3(2(1)))'],
  ])('%s', (_name, sequences, expected) => {
    expect(insertAll(...sequences)).toBe(expected);
  });

  it('uses a step again that was given back, and accounts for it', () => {
    const trees = new WakeupTrees();
    const one = trees.add(0, 0);
    const { bytes } = trees;
    trees.remove(one);
    expect(trees.add(1, 1)).toBe(one);
    expect([trees.steps, trees.peakSteps, trees.bytes]).toEqual([1, 1, bytes]);
  });
});
