import { expect, it } from 'vitest';
import { KeyDraft, KeyTable } from './key-table.ts';

/** Inserts the bytes of a text, or so many of them. */
function inserter(table: KeyTable): (text: string, length?: number) => number {
  const draft = new KeyDraft(64);
  return (text, length) => {
    const bytes = new TextEncoder().encode(text).subarray(0, length);
    draft.bytes.fill(0xaa);
    draft.bytes.set(bytes);
    return table.insert(draft.words, draft.end(bytes.length));
  };
}

it('numbers keys in order and knows them again', () => {
  const insert = inserter(new KeyTable());
  expect(insert('one')).toBe(0);
  expect(insert('two')).toBe(1);
  expect(insert('one')).toBe(-1);
  expect(insert('two')).toBe(-2);
});

it('tells a key from its beginning, whatever follows', () => {
  const table = new KeyTable();
  const insert = inserter(table);
  const keys = ['', '\0', '\0\0', '\0\0\0', '\0\0\0\0', '\0\0\0\0\0', 'two', 'tw', 't', 'two\0'];
  keys.forEach((key, number) => {
    expect(insert(key)).toBe(number);
  });
  keys.forEach((key, number) => {
    expect(insert(key)).toBe(-1 - number);
  });
  // The mark behind a key is a byte that a key may hold as well.
  const draft = new KeyDraft(64);
  draft.bytes.set([0x80, 0, 0, 0]);
  expect(table.insert(draft.words, draft.end(1))).toBe(keys.length);
  draft.bytes.set([0x80, 0x80, 0, 0]);
  expect(table.insert(draft.words, draft.end(1))).toBe(-1 - keys.length);
  draft.bytes.set([0x80, 0x80, 0, 0]);
  expect(table.insert(draft.words, draft.end(2))).toBe(keys.length + 1);
  draft.bytes.set([0x80, 0x80, 0, 0]);
  expect(table.insert(draft.words, draft.end(4))).toBe(keys.length + 2);
});

it('agrees with a Map on many keys of many lengths, over several growths', () => {
  const table = new KeyTable();
  const insert = inserter(table);
  const map = new Map<string, number>();
  let wrong = 0;
  for (let i = 0; i < 120_000; i++) {
    const n = (i * 7919) % 60_013;
    const text = `${n} `.repeat(1 + (n % 5)).slice(0, 40);
    const known = map.get(text);
    if (insert(text) !== (known === undefined ? map.size : -1 - known)) wrong++;
    if (known === undefined) map.set(text, map.size);
  }
  expect(wrong).toBe(0);
  expect(table.count).toBe(map.size);
  expect(table.bytes).toBeLessThan(map.size * 80);
});

it('keeps a key that is longer than a page', () => {
  const table = new KeyTable();
  const draft = new KeyDraft(1 << 23);
  draft.bytes.fill(7, 0, 5_000_000);
  const count = draft.end(5_000_000);
  expect(table.insert(draft.words, count)).toBe(0);
  draft.bytes[4_999_999] = 8;
  expect(table.insert(draft.words, count)).toBe(1);
  expect(table.insert(draft.words, count)).toBe(-2);
  expect(inserter(table)('short')).toBe(2);
});
