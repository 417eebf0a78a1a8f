import { expect, it } from 'vitest';
import { KeyShrinker } from './key-shrinker.ts';
import { KeyDraft, KeyTable } from './key-table.ts';

it('tells keys apart as a set of texts does, long and short, and makes them short', () => {
  const shrinker = new KeyShrinker();
  const table = new KeyTable();
  const draft = new KeyDraft(1 << 12);
  const numbers = new Map<string, number>();
  let random = 7;
  const below = (count: number): number => {
    random = (Math.imul(random, 48_271) >>> 0) % 0x7fff_ffff;
    return random % count;
  };
  const key: number[] = Array.from({ length: 1500 }, () => below(4));
  let wrong = 0;
  let longest = 0;
  for (let n = 0; n < 20_000; n++) {
    // A few bytes change, as from one state to the next, and now and then the length.
    for (let change = below(4); change > 0; change--) key[below(key.length)] = below(3);
    if (below(20) === 0) key.length = Math.max(1, key.length - below(80));
    if (below(20) === 0) key.push(...Array.from({ length: below(80) }, () => below(2)));
    if (key.length > 3000) key.length = 40;
    draft.bytes.set(key);
    const length = shrinker.shrink(draft.words, draft.end(key.length));
    longest = Math.max(longest, length);
    const text = String.fromCharCode(...key);
    const known = numbers.get(text);
    const found = table.insert(shrinker.words, length);
    if (found !== (known === undefined ? numbers.size : -1 - known)) wrong++;
    if (known === undefined) numbers.set(text, numbers.size);
  }
  expect(wrong).toBe(0);
  expect(longest).toBeLessThanOrEqual(24);
});

it('never gives a short key the words of one that was cut', () => {
  const shrinker = new KeyShrinker();
  const draft = new KeyDraft(4096);
  for (const length of [97, 120, 500, 2000, 4000]) {
    draft.bytes.fill(0, 0, length);
    const cut = shrinker.shrink(draft.words, draft.end(length));
    // The last word of a key that was not cut ends in its mark, 0x80 and zeros.
    expect(shrinker.words[cut - 1]).toBe(1);
  }
  for (let length = 0; length < 4; length++) {
    draft.bytes.fill(1, 0, length);
    const short = shrinker.shrink(draft.words, draft.end(length));
    expect(shrinker.words[short - 1] >>> (8 * (length % 4))).toBe(0x80);
  }
});
