import { expect, test } from 'vitest';
import { editDistance, nearest } from './suggest.ts';

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['hypevr', 'hyperv', 1],
])('distance of %j and %j', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

const ARCHES = ['x86_64', 'i386-pae'];
const PLATFORMS = ['native', 'kvm', 'xen', 'hyperv', 'invlpgb'];
test.each([
  ['x86-64', ARCHES, 'x86_64'],
  ['X86_64', ARCHES, 'x86_64'],
  ['i386', ARCHES, 'i386-pae'],
  ['i386_pae', ARCHES, 'i386-pae'],
  ['sparc', ARCHES, null],
  ['hyper-v', PLATFORMS, 'hyperv'],
  ['KVM', PLATFORMS, 'kvm'],
  ['kvmm', PLATFORMS, 'kvm'],
  ['vmware', PLATFORMS, null],
  ['native', PLATFORMS, 'native'],
])('nearest to %j', (word, known, expected) => {
  expect(nearest(word, known)).toBe(expected);
});
