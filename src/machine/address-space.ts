import type { Program, ProgramVariable } from '../program/link.ts';
import { type Arch, PAGE_SIZE } from './arch/arch.ts';
import type { KernelLayout } from './kernel-layout.ts';

/**
 * Which virtual address means which byte of the machine's memory. Memory is
 * compact: only what exists has bytes, page by page, and what lies between
 * two objects is unmapped, so that an access past the end of one is wild.
 */

export type PageKind = 'data' | 'per-cpu' | 'heap' | 'stack' | 'frame' | 'page-array';

export interface FrameInfo {
  readonly index: number;
  readonly physical: bigint;
  readonly zone: 'normal' | 'high';
  /** Offset of its bytes in the machine's memory. */
  readonly at: number;
}

export interface NamedRange {
  readonly at: number;
  readonly size: number;
  readonly name: string;
}

/** Bytes of stack memory per context. */
export const STACK_BYTES: number = 4 * PAGE_SIZE;
const HEAP_PAGES = 16;
/** A power of two. */
const RECENT = 64;

export class AddressSpace {
  readonly arch: Arch;
  readonly frames: readonly FrameInfo[];
  /** Bytes of memory in all. */
  readonly bytes: number;
  /** Per page of memory: the frame it is, or -1; and what its bytes are before anybody wrote them. */
  readonly frameOfPage: Int16Array;
  readonly kindOfPage: readonly PageKind[];
  readonly stackAt: readonly number[];
  readonly heapAt: number;
  readonly heapBytes: number;
  readonly #pages = new Map<number, number>();
  /** Pages looked up lately, by a few bits of their numbers: which pages exist never changes. Numbers that no page has at first. */
  readonly #recentLow = new Uint32Array(RECENT).fill(0xffffffff);
  readonly #recentHigh = new Uint32Array(RECENT);
  readonly #recentPage = new Int32Array(RECENT);
  readonly #mapped: Uint8Array;
  readonly #frameByNumber = new Map<number, FrameInfo>();
  readonly #layout: KernelLayout;
  readonly #names: NamedRange[] = [];
  readonly #kinds: PageKind[] = [];

  constructor(
    arch: Arch,
    program: Program,
    layout: KernelLayout,
    cpuCount: number,
    contextCount: number,
  ) {
    this.arch = arch;
    this.#layout = layout;
    const pageOf = (virtual: bigint): number => Number(virtual >> 12n);
    const map = (virtual: bigint, size: number, kind: PageKind): number => {
      const first = pageOf(virtual);
      const last = pageOf(virtual + BigInt(Math.max(size, 1) - 1));
      for (let page = first; page <= last; page++) {
        if (this.#pages.has(page)) continue;
        this.#pages.set(page, this.#kinds.length);
        this.#kinds.push(kind);
      }
      return this.#pages.get(first)! * PAGE_SIZE + Number(virtual & 0xfffn);
    };
    const { target } = program;
    const dataSize = Number(program.dataEnd - target.dataBase);
    map(target.dataBase, dataSize, 'data');
    const perCpuSize = Number(program.perCpuEnd - target.perCpuBase);
    for (let cpu = 0; cpu < cpuCount; cpu++) {
      map(target.perCpuBase + BigInt((cpu + 1) * target.perCpuStride), perCpuSize, 'per-cpu');
    }
    this.heapBytes = HEAP_PAGES * PAGE_SIZE;
    this.heapAt = map(arch.directMap + arch.heapBase, this.heapBytes, 'heap');
    this.stackAt = Array.from({ length: contextCount }, (_, context) =>
      map(this.stackAddress(context), STACK_BYTES, 'stack'),
    );
    const frames: FrameInfo[] = [];
    for (const zone of ['normal', 'high'] as const) {
      for (const physical of arch.frames[zone]) {
        const virtual = arch.directMap + physical;
        const inDirectMap = zone === 'normal';
        // A frame of high memory has no address of its own: only a temporary mapping reaches it.
        const at = inDirectMap
          ? map(virtual, PAGE_SIZE, 'frame')
          : this.#kinds.push('frame') * PAGE_SIZE - PAGE_SIZE;
        frames.push({ index: frames.length, physical, zone, at });
      }
    }
    this.frames = frames;
    const described = [
      ...frames.map(({ physical }) => physical),
      ...Array.from({ length: HEAP_PAGES }, (_, i) => arch.heapBase + BigInt(i * PAGE_SIZE)),
    ];
    // Upwards, so that one which crosses a page has all of its bytes in a row.
    for (const physical of [...described].sort((p, q) => (p < q ? -1 : 1)))
      map(this.pageStructOf(physical), layout.pageBytes, 'page-array');
    this.bytes = this.#kinds.length * PAGE_SIZE;
    this.kindOfPage = this.#kinds;
    this.frameOfPage = new Int16Array(this.#kinds.length).fill(-1);
    for (const frame of frames) {
      this.frameOfPage[frame.at / PAGE_SIZE] = frame.index;
      this.#frameByNumber.set(Number(frame.physical >> 12n), frame);
    }
    this.#mapped = new Uint8Array(this.bytes);
    const allow = (at: number, size: number): void => {
      this.#mapped.fill(1, at, at + size);
    };
    for (const variable of program.variables) {
      this.copiesOf(variable, program, cpuCount).forEach((at, cpu) => {
        allow(at, variable.size);
        this.name(
          at,
          variable.size,
          variable.perCpu ? `${variable.name} of CPU ${cpu}` : variable.name,
        );
      });
    }
    for (const at of this.stackAt) allow(at, STACK_BYTES);
    for (const frame of frames) allow(frame.at, PAGE_SIZE);
    for (const physical of described)
      allow(this.#translate(this.pageStructOf(physical)), layout.pageBytes);
    for (const { physical, at } of frames) {
      this.name(
        this.#translate(this.pageStructOf(physical)),
        layout.pageBytes,
        `page of frame ${frameName(physical)}`,
      );
      this.name(at, PAGE_SIZE, `frame ${frameName(physical)}`);
    }
  }

  /** Where a variable's bytes lie: once, or once per CPU. */
  copiesOf(variable: ProgramVariable, program: Program, cpuCount: number): number[] {
    const copies: number[] = [];
    for (let cpu = 0; cpu < (variable.perCpu ? cpuCount : 1); cpu++) {
      copies.push(
        this.#translate(
          variable.address +
            (variable.perCpu ? BigInt((cpu + 1) * program.target.perCpuStride) : 0n),
        ),
      );
    }
    return copies;
  }

  /** Virtual address of a context's stack memory. */
  stackAddress(context: number): bigint {
    return this.arch.directMap + this.arch.stackBase + BigInt(context * (STACK_BYTES + PAGE_SIZE));
  }

  #translate(virtual: bigint): number {
    const page = this.#pages.get(Number(virtual >> 12n));
    return page === undefined ? -1 : page * PAGE_SIZE + Number(virtual & 0xfffn);
  }

  /** Offset in memory of `size` bytes at a virtual address; -1 where not all of them exist. Temporary mappings are not known here. */
  translate(low: number, high: number, size: number): number {
    const number = low >>> 12;
    const slot = (number ^ high) & (RECENT - 1);
    let page: number;
    if (this.#recentLow[slot] === number && this.#recentHigh[slot] === high)
      page = this.#recentPage[slot]!;
    else {
      page = this.#pages.get(high * 0x100000 + number) ?? -1;
      if (page < 0) return -1;
      this.#recentLow[slot] = number;
      this.#recentHigh[slot] = high;
      this.#recentPage[slot] = page;
    }
    const at = page * PAGE_SIZE + (low & 0xfff);
    // What lies behind a page here need not lie behind it there.
    const crosses = (low & 0xfff) + size > PAGE_SIZE;
    if (crosses && this.#pages.get(high * 0x100000 + (low >>> 12) + 1) !== page + 1) return -1;
    return this.isMapped(at, size) ? at : -1;
  }

  /** Whether `size` bytes from offset `at` belong to objects that exist. */
  isMapped(at: number, size: number): boolean {
    return this.#mapped[at] === 1 && this.#mapped[at + size - 1] === 1;
  }

  /** Makes part of the heap exist. */
  allow(at: number, size: number): void {
    this.#mapped.fill(1, at, at + size);
  }

  /** Virtual address of the `struct page` of a physical address. */
  pageStructOf(physical: bigint): bigint {
    return this.arch.pageArray + (physical >> 12n) * BigInt(this.#layout.pageBytes);
  }

  /** The frame that a `struct page` address describes, if it is one of the pool. */
  frameOfPageStruct(address: bigint): FrameInfo | undefined {
    const offset = address - this.arch.pageArray;
    if (offset < 0n || offset % BigInt(this.#layout.pageBytes) !== 0n) return undefined;
    return this.#frameByNumber.get(Number(offset / BigInt(this.#layout.pageBytes)));
  }

  /** The frame of the pool that holds a physical address. */
  frameOfPhysical(physical: number): FrameInfo | undefined {
    return this.#frameByNumber.get(Math.floor(physical / PAGE_SIZE));
  }

  /** Gives bytes a name for traces. The newest name of a place wins. */
  name(at: number, size: number, name: string): void {
    this.#names.unshift({ at, size, name });
  }

  /** What people call the byte at offset `at`. */
  nameOf(at: number): string {
    const found = this.#names.find((range) => at >= range.at && at < range.at + range.size);
    if (found)
      return found.at === at ? found.name : `${found.name}+0x${(at - found.at).toString(16)}`;
    const stack = this.stackAt.findIndex((base) => at >= base && at < base + STACK_BYTES);
    return stack >= 0 ? `stack of context ${stack}` : `memory+0x${at.toString(16)}`;
  }
}

/** "0x140000000": how verdicts and traces name a frame. */
export function frameName(physical: bigint): string {
  return `0x${physical.toString(16)}`;
}
