/**
 * What linking must know of the machine's address space. The values are
 * facts of an architecture and live in `machine/arch/`.
 */
export interface Target {
  readonly pointerBits: 32 | 64;
  readonly littleEndian: boolean;
  /** Virtual address of function number 0; functions are 16 bytes apart. */
  readonly functionBase: bigint;
  /** Virtual address of the first variable. */
  readonly dataBase: bigint;
  /** Virtual address at which per-CPU variables are linked; CPU c's copy is `perCpuStride * (c + 1)` further on, so that a use of the template itself is wild. */
  readonly perCpuBase: bigint;
  readonly perCpuStride: number;
}

/** Bytes between two functions' addresses. */
export const FUNCTION_STRIDE = 16;
