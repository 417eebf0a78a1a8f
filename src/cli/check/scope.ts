/** The scope of a verdict: what `safe` was proved for, and no more. */

import type { Arch } from '../../machine/arch/arch.ts';
import type { Platform } from '../../machine/platform/platform.ts';
import type { Configuration } from '../../scenario/configurations.ts';
import type { Scope } from './reference-subject.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

/** `8 GiB + 1 MiB`. */
function describeAddress(address: bigint): string {
  const parts = [
    [address / GIB, 'GiB'],
    [(address % GIB) / MIB, 'MiB'],
  ] as const;
  const words = parts.filter(([n]) => n > 0n).map(([n, unit]) => `${n} ${unit}`);
  return words.length === 0 ? '0' : words.join(' + ');
}

/** The frames of a pool in few words: how many lie at each distinct mebibyte. */
function describeFrames(frames: readonly bigint[]): string[] {
  const byPlace = new Map<string, number>();
  for (const frame of [...frames].sort((a, b) => (a < b ? -1 : 1))) {
    const place = describeAddress(frame - (frame % MIB));
    byPlace.set(place, (byPlace.get(place) ?? 0) + 1);
  }
  return [...byPlace].map(([place, n]) => `${n} at ${place}`);
}

/** The scope of one configuration on the machine that it runs on. `flushIsBorder`: the platform flushes, not linked code. */
export function scopeOf(
  configuration: Configuration,
  cpuCount: number,
  nmis: number,
  { arch, platform }: { readonly arch: Arch; readonly platform: Platform },
  flushIsBorder: boolean,
): Scope {
  const flush = arch.flush?.[platform.name] ?? (flushIsBorder ? platform.standsFor : undefined);
  const { preemptions, platformCodeMissing, stackZeroed } = configuration;
  return {
    cpus: cpuCount,
    calls: 'one for each CPU',
    frames: [...describeFrames(arch.frames.normal), ...describeFrames(arch.frames.high)],
    preemptions,
    nmis,
    preemptModel: 'preemptible RCU, tasks not preempted',
    stackZeroed,
    ...(flush === undefined ? {} : { flush }),
    ...(platformCodeMissing === null ? {} : { platformCode: platformCodeMissing }),
  };
}
