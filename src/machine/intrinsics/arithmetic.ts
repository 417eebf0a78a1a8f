import { joinShadows } from '../shadow.ts';
import { UnsupportedError } from '../violation.ts';
import type { Call, Intrinsic, Progress } from './intrinsic.ts';

/** LLVM's arithmetic intrinsics. Source: LLVM Language Reference, 19. They touch nothing. */

function widthOf(call: Call): number {
  const bits = Number(/\.i(\d+)$/.exec(call.name)?.[1]);
  if (!(bits >= 1 && bits <= 64))
    throw new UnsupportedError(`${call.name}: only integers of up to 64 bits are computed`);
  return bits;
}

function pure(prefix: string, compute: (call: Call, bits: number) => bigint): Intrinsic {
  return {
    names: [prefix],
    kind: 'intrinsic',
    run(call) {
      const bits = widthOf(call);
      return returnsBits(call, BigInt.asUintN(bits, compute(call, bits)));
    },
    describe: (call) => call.name,
  };
}

function returnsBits(call: Call, value: bigint): Progress {
  return call.returnsAddress(value, joinShadows(call.shadow(0), call.shadow(1)));
}

function signed(call: Call, lane: number, bits: number): bigint {
  return BigInt.asIntN(bits, call.address(lane));
}

function leadingZeros(value: bigint, bits: number): bigint {
  let count = 0n;
  for (let bit = bits - 1; bit >= 0 && !((value >> BigInt(bit)) & 1n); bit--) count++;
  return count;
}

function trailingZeros(value: bigint, bits: number): bigint {
  let count = 0n;
  while (count < BigInt(bits) && !((value >> count) & 1n)) count++;
  return count;
}

function overflowing(
  prefix: string,
  isSigned: boolean,
  compute: (left: bigint, right: bigint) => bigint,
): Intrinsic {
  return {
    names: [prefix],
    kind: 'intrinsic',
    run(call) {
      const bits = widthOf(call);
      const of = (lane: number): bigint =>
        isSigned ? signed(call, lane, bits) : call.address(lane);
      const exact = compute(of(0), of(1));
      const wrapped = isSigned ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact);
      call.resultSecond = wrapped === exact ? 0 : 1;
      return returnsBits(call, BigInt.asUintN(bits, exact));
    },
    describe: (call) => call.name,
  };
}

const byteSwap = (value: bigint, bits: number): bigint => {
  let swapped = 0n;
  for (let byte = 0; byte < bits / 8; byte++)
    swapped = (swapped << 8n) | ((value >> BigInt(byte * 8)) & 0xffn);
  return swapped;
};

const rotate = (call: Call, bits: number, left: boolean): bigint => {
  const by = call.address(2) % BigInt(bits);
  const joined = (call.address(0) << BigInt(bits)) | call.address(1);
  return left ? (joined << by) >> BigInt(bits) : joined >> by;
};

export const ARITHMETIC: readonly Intrinsic[] = [
  pure('llvm.ctlz.', (call, bits) => leadingZeros(call.address(0), bits)),
  pure('llvm.cttz.', (call, bits) => trailingZeros(call.address(0), bits)),
  pure('llvm.ctpop.', (call) =>
    BigInt([...call.address(0).toString(2)].filter((digit) => digit === '1').length),
  ),
  pure('llvm.bswap.', (call, bits) => byteSwap(call.address(0), bits)),
  pure('llvm.abs.', (call, bits) =>
    signed(call, 0, bits) < 0n ? -signed(call, 0, bits) : signed(call, 0, bits),
  ),
  pure('llvm.umin.', (call) =>
    call.address(0) < call.address(1) ? call.address(0) : call.address(1),
  ),
  pure('llvm.umax.', (call) =>
    call.address(0) > call.address(1) ? call.address(0) : call.address(1),
  ),
  pure('llvm.smin.', (call, bits) =>
    signed(call, 0, bits) < signed(call, 1, bits) ? signed(call, 0, bits) : signed(call, 1, bits),
  ),
  pure('llvm.smax.', (call, bits) =>
    signed(call, 0, bits) > signed(call, 1, bits) ? signed(call, 0, bits) : signed(call, 1, bits),
  ),
  pure('llvm.fshl.', (call, bits) => rotate(call, bits, true)),
  pure('llvm.fshr.', (call, bits) => rotate(call, bits, false)),
  overflowing('llvm.uadd.with.overflow.', false, (left, right) => left + right),
  overflowing('llvm.sadd.with.overflow.', true, (left, right) => left + right),
  overflowing('llvm.usub.with.overflow.', false, (left, right) => left - right),
  overflowing('llvm.ssub.with.overflow.', true, (left, right) => left - right),
  overflowing('llvm.umul.with.overflow.', false, (left, right) => left * right),
  overflowing('llvm.smul.with.overflow.', true, (left, right) => left * right),
  {
    names: ['llvm.is.constant.'],
    kind: 'intrinsic',
    // Unoptimised code is asked before anything is known to be constant; both answers are correct.
    run: (call) => call.returns(0),
    describe: (call) => call.name,
  },
  {
    names: ['llvm.objectsize.'],
    kind: 'intrinsic',
    run: (call) =>
      call.returns(
        call.low(1) ? 0 : 0xffffffff,
        call.low(1) || call.machine.arch.target.pointerBits === 32 ? 0 : 0xffffffff,
      ),
    describe: (call) => call.name,
  },
  {
    names: ['llvm.returnaddress', 'llvm.frameaddress.'],
    kind: 'intrinsic',
    run: (call) => call.returns(0),
    describe: (call) => call.name,
  },
];
