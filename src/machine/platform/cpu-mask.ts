import { READ } from '../../explore/system.ts';
import type { Call } from '../intrinsics/intrinsic.ts';

/**
 * Whether CPU `cpu` is in mm_cpumask(mm), the mm being argument `lane`. Read
 * one bit at a time as the kernel's loops do: a snapshot in one step would
 * hide races with the mask.
 */
export function isInCpumask(call: Call, lane: number, cpu: number): boolean {
  const { machine } = call;
  const { mmCpumaskOffset } = machine.layout;
  const bytes = machine.arch.target.pointerBits / 8;
  const offset = mmCpumaskOffset + Math.floor(cpu / (bytes * 8)) * bytes;
  const sum = BigInt.asUintN(64, call.address(lane) + BigInt(offset));
  const at = machine.resolve(
    Number(sum & 0xffffffffn),
    Number(sum >> 32n),
    call.shadow(lane),
    bytes,
  );
  machine.access(at, bytes, READ, call.shadow(lane));
  machine.peek(at, bytes);
  const bit = cpu % (bytes * 8);
  return ((bit < 32 ? machine.low >>> bit : machine.high >>> (bit - 32)) & 1) === 1;
}
