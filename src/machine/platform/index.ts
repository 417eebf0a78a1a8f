import { hyperv } from './hyperv.ts';
import { invlpgb } from './invlpgb.ts';
import { kvm } from './kvm.ts';
import { hash, sbi } from './linked-code.ts';
import { native } from './native.ts';
import type { Platform } from './platform.ts';
import { xen } from './xen.ts';

/** The platforms that are built, by name, in the order of reports. */
export const PLATFORMS: Readonly<Record<string, Platform>> = {
  native,
  kvm,
  hyperv,
  xen,
  invlpgb,
  sbi,
  hash,
};

/** What `scenario_platform` is on a platform: the kernel's `enum scenario_platform`, in this order. */
export function platformNumber(name: string): bigint {
  return BigInt(Object.keys(PLATFORMS).indexOf(name));
}
