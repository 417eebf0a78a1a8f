import { expect, test } from 'vitest';
import { baseOf, meansVariant, VARIANT_NAME, variantDefines } from './variant-name.ts';

test.each([
  ['mainline', true],
  ['v3-reply', true],
  ['v3+foreign-mm', true],
  ['v3+foreign-mm+no-notifier', true],
  ['+foreign-mm', false],
  ['v3+', false],
  ['v3++x', false],
  ['v3-+x', false],
  ['V3', false],
])('%s is a name: %s', (name, is) => {
  expect(VARIANT_NAME.test(name)).toBe(is);
});

test.each([
  ['mainline', 'mainline', true],
  ['mainline', 'mainline+foreign-mm', false],
  ['*+foreign-mm', 'mainline+foreign-mm', true],
  ['*+foreign-mm', 'mainline', false],
  ['v3*', 'v3-reply+foreign-mm', true],
  ['v3+*', 'v3-reply+foreign-mm', false],
  ['*', 'anything', true],
])('%s means %s: %s', (pattern, name, means) => {
  expect(meansVariant(pattern, name)).toBe(means);
});

test('what is added has no part in the base', () => {
  expect(baseOf('v3-reply+foreign-mm')).toBe('v3-reply');
  expect(baseOf('mainline')).toBe('mainline');
});

test('the compiler gets names in order, and a bit for each variant of a base and with an addition', () => {
  expect(
    variantDefines(['mainline', 'no-sync', 'no-sync+foreign-mm', 'mainline+foreign-mm']),
  ).toEqual({
    SCENARIO_VARIANTS: 'V_mainline,V_no_sync,V_no_sync_foreign_mm,V_mainline_foreign_mm',
    VARIANTS_OF_mainline: '0x9ULL',
    VARIANTS_OF_no_sync: '0x6ULL',
    VARIANTS_WITH_foreign_mm: '0xcULL',
  });
});
