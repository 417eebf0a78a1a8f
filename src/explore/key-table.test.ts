import { expect, it } from 'vitest';
import { KeyTable } from './key-table.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('numbers keys in order and knows them again', () => {
  const table = new KeyTable();
  expect(table.insert(bytes('one'), 3)).toBe(0);
  expect(table.insert(bytes('two'), 3)).toBe(1);
  expect(table.insert(bytes('one'), 3)).toBe(-1);
  expect(table.insert(bytes('two'), 3)).toBe(-2);
  // A prefix is another key, and so is the empty one.
  expect(table.insert(bytes('two'), 2)).toBe(2);
  expect(table.insert(bytes(''), 0)).toBe(3);
  expect(table.count).toBe(4);
});

it('agrees with a Set on many keys, over several growths', () => {
  const table = new KeyTable();
  const set = new Set<string>();
  for (let i = 0; i < 60_000; i++) {
    const text = `state ${(i * 7919) % 30_011}`;
    const isNew = !set.has(text);
    set.add(text);
    expect(table.insert(bytes(text), text.length) >= 0).toBe(isNew);
  }
  expect(table.count).toBe(set.size);
});

it('keeps a key that is longer than a page', () => {
  const table = new KeyTable();
  const long = new Uint8Array(5_000_000).fill(7);
  expect(table.insert(long, long.length)).toBe(0);
  long[4_999_999] = 8;
  expect(table.insert(long, long.length)).toBe(1);
  expect(table.insert(long, long.length)).toBe(-2);
  expect(table.insert(bytes('short'), 5)).toBe(2);
});
