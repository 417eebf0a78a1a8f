/**
 * Two-word integer arithmetic. Results land in `low` and `high`, unsigned and
 * reduced to `bits`; nothing is allocated. `high` is 0 for up to 32 bits.
 */
export class Integers {
  low = 0;
  high = 0;

  #set(low: number, high: number, bits: number): void {
    if (bits >= 64) {
      this.low = low >>> 0;
      this.high = high >>> 0;
    } else if (bits > 32) {
      this.low = low >>> 0;
      this.high = (high & ((1 << (bits - 32)) - 1)) >>> 0;
    } else {
      this.low = bits === 32 ? low >>> 0 : (low & ((1 << bits) - 1)) >>> 0;
      this.high = 0;
    }
  }

  add(al: number, ah: number, bl: number, bh: number, bits: number): void {
    const low = (al >>> 0) + (bl >>> 0);
    this.#set(low, ah + bh + (low > 0xffffffff ? 1 : 0), bits);
  }

  sub(al: number, ah: number, bl: number, bh: number, bits: number): void {
    this.#set(al - bl, ah - bh - (al >>> 0 < bl >>> 0 ? 1 : 0), bits);
  }

  mul(al: number, ah: number, bl: number, bh: number, bits: number): void {
    if (bits <= 32) this.#set(Math.imul(al, bl), 0, bits);
    else this.#big(join(al, ah) * join(bl, bh), bits);
  }

  #big(value: bigint, bits: number): void {
    const reduced = BigInt.asUintN(bits, value);
    this.low = Number(reduced & 0xffffffffn);
    this.high = Number(reduced >> 32n);
  }

  /** Fails: returns false for a division by zero. */
  divide(
    op: 'udiv' | 'sdiv' | 'urem' | 'srem',
    al: number,
    ah: number,
    bl: number,
    bh: number,
    bits: number,
  ): boolean {
    const isSigned = op === 'sdiv' || op === 'srem';
    const left = isSigned ? BigInt.asIntN(bits, join(al, ah)) : join(al, ah);
    const right = isSigned ? BigInt.asIntN(bits, join(bl, bh)) : join(bl, bh);
    if (right === 0n) return false;
    this.#big(op === 'udiv' || op === 'sdiv' ? left / right : left % right, bits);
    return true;
  }

  /** Fails: returns false where the distance is not less than the width: the result is poison. */
  shift(
    op: 'shl' | 'lshr' | 'ashr',
    al: number,
    ah: number,
    bl: number,
    bh: number,
    bits: number,
  ): boolean {
    if (bh !== 0 || bl >>> 0 >= bits) {
      this.low = 0;
      this.high = 0;
      return false;
    }
    if (op === 'shl') this.#shl(al, ah, bl, bits);
    else if (op === 'lshr') this.#lshr(al, ah, bl, bits);
    else {
      this.extend(al, ah, bits, 64);
      this.#ashr64(this.low, this.high, bl, bits);
    }
    return true;
  }

  #shl(low: number, high: number, by: number, bits: number): void {
    if (by === 0) this.#set(low, high, bits);
    else if (by >= 32) this.#set(0, low << (by - 32), bits);
    else this.#set(low << by, (high << by) | (low >>> (32 - by)), bits);
  }

  #lshr(low: number, high: number, by: number, bits: number): void {
    if (by === 0) this.#set(low, high, bits);
    else if (by >= 32) this.#set(high >>> (by - 32), 0, bits);
    else this.#set((low >>> by) | (high << (32 - by)), high >>> by, bits);
  }

  #ashr64(low: number, high: number, by: number, bits: number): void {
    if (by === 0) this.#set(low, high, bits);
    else if (by >= 32) this.#set((high | 0) >> (by - 32), (high | 0) >> 31, bits);
    else this.#set((low >>> by) | (high << (32 - by)), (high | 0) >> by, bits);
  }

  /** Sign-extends from `from` bits to `bits`. */
  extend(low: number, high: number, from: number, bits: number): void {
    if (from <= 32) {
      const value = from === 32 ? low | 0 : (low << (32 - from)) >> (32 - from);
      this.#set(value, value >> 31, bits);
    } else {
      const value = from === 64 ? high | 0 : (high << (64 - from)) >> (64 - from);
      this.#set(low, value, bits);
    }
  }

  truncate(low: number, high: number, bits: number): void {
    this.#set(low, high, bits);
  }
}

export function join(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** -1, 0 or 1 by unsigned order. */
export function compareUnsigned(al: number, ah: number, bl: number, bh: number): number {
  if (ah !== bh) return ah >>> 0 < bh >>> 0 ? -1 : 1;
  return al === bl ? 0 : al >>> 0 < bl >>> 0 ? -1 : 1;
}
