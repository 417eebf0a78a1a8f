import { expect, it } from 'vitest';
import { OrbitOrder } from './orbit-order.ts';

it('sorts by record, whatever the order was, and renames masks along', () => {
  const order = new OrbitOrder(4, 8);
  const records = [
    [9, 0, 0, 0, 0, 0, 0, 1],
    [3, 0, 0, 0, 0, 0, 0, 255],
    [9, 0, 0, 0, 0, 0, 0, 0],
    [3, 0, 0, 0, 0, 0, 0, 254],
  ];
  for (let round = 0; round < 2; round++) {
    order.clear();
    records.forEach((record, thing) => {
      for (const byte of record) order.append(thing, byte);
    });
    order.sort();
    expect([...order.order]).toEqual([3, 1, 2, 0]);
    expect([...order.place]).toEqual([3, 1, 2, 0]);
  }
  // Things 0 and 1 have come to places 3 and 1.
  expect(order.permuteMask(0b0011)).toBe(0b1010);
  expect(order.permuteMask(0b1111)).toBe(0b1111);
  expect(order.permuteMask(0)).toBe(0);
});

it('keeps things with equal records in their order', () => {
  const order = new OrbitOrder(3, 1);
  for (const thing of [0, 1, 2]) order.append(thing, thing === 0 ? 7 : 5);
  order.sort();
  expect([...order.order]).toEqual([1, 2, 0]);
  expect([...order.place]).toEqual([2, 0, 1]);
});
