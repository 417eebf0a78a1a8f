import { WRITE } from '../../explore/system.ts';
import { type FrameInfo, frameName } from '../address-space.ts';
import { FLAGS_MASK } from '../shadow.ts';
import { Cut, UnsupportedError, Violation } from '../violation.ts';
import { type Call, type Intrinsic, PROGRESS, type Progress } from './intrinsic.ts';

/**
 * The page allocator and temporary mappings. The zone comes from the gfp mask
 * that the code passes. Which free frame an allocation gets is a choice, reuse
 * of a freed one included; an exhausted pool is a cut. An allocation that may
 * not sleep may fail, which is one more choice; one that may sleep must be
 * allowed to, and never fails. Source: mm/page_alloc.c, mm/highmem.c (6.12).
 */

const allocate: Intrinsic = {
  names: ['alloc_pages_noprof', '__alloc_pages_noprof', 'alloc_pages'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (call.low(1) !== 0)
      throw new UnsupportedError(
        `${call.name} of order ${call.low(1)}: only single pages are allocated yet`,
      );
    if (call.phase === 0) {
      if (!mayFail(call)) machine.mustSleep(call.context, call.name);
      // The zone's lock: a locked operation.
      if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
      const { gfpHighmem, gfpZero } = machine.layout;
      // A request that allows high memory is served from it first, as the zonelist orders it.
      const wantsHigh = (call.low(0) & gfpHighmem) !== 0 && machine.arch.frames.high.length > 0;
      const free = machine.freeFrames([wantsHigh ? 'high' : 'normal']);
      if (free.length === 0)
        throw new Cut(`the pool of ${wantsHigh ? 'high' : 'normal'} frames is used up`);
      // In setup nothing runs beside: the first frame of the pool will do.
      const chosen = machine.actor < 0 ? 0 : machine.choose(free.length + (mayFail(call) ? 1 : 0));
      const frame = free[chosen];
      if (!frame) return call.returns(0);
      machine.allocate(frame.index, (call.low(0) & gfpZero) !== 0);
      call.setLocal(0, frame.index);
      return call.proceed(1);
    }
    return publish(call, machine.space.frames[call.local(0)]!);
  },
  describe(call) {
    if (call.phase !== 0) return 'page refcount = 1';
    const { machine } = call;
    const wantsHigh =
      (call.low(0) & machine.layout.gfpHighmem) !== 0 && machine.arch.frames.high.length > 0;
    const free = machine.freeFrames([wantsHigh ? 'high' : 'normal']);
    const frame = free[machine.choice];
    if (!frame && free.length > 0) return 'allocate a frame: fails';
    return frame
      ? `allocate frame ${frameName(frame.physical)}${machine.lifeOf(frame.index) === 'freed' ? ', reused' : ''}`
      : 'allocate a frame: none left';
  },
};

/** Whether the gfp mask forbids sleeping, so that memory may not be found. */
function mayFail(call: Call): boolean {
  return (call.low(0) & call.machine.layout.gfpDirectReclaim) === 0;
}

/** Sets the reference count and returns the page. */
function publish(call: Call, frame: FrameInfo): Progress {
  const { machine } = call;
  const page = machine.space.pageStructOf(frame.physical);
  const count = refcountAt(call, page);
  const store = { at: count, size: 4, low: 1, high: 0, shadow: 0, pointerShadow: 0, opens: false };
  machine.model.store(machine, call.context, store);
  return call.returnsAddress(page, machine.tagOf(frame.index));
}

function refcountAt(call: Call, page: bigint): number {
  const address = page + BigInt(call.machine.layout.pageRefcountOffset);
  return call.machine.space.translate(Number(address & 0xffffffffn), Number(address >> 32n), 4);
}

/** The frame that argument lane 0, a `struct page *`, describes. */
function frameArgument(call: Call): FrameInfo {
  call.pointer(0, 4);
  const frame = call.machine.space.frameOfPageStruct(call.address(0));
  if (!frame)
    throw new Violation('wild-access', `${call.name} is given a page that does not exist`);
  return frame;
}

const freePages: Intrinsic = {
  names: ['__free_pages'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const frame = frameArgument(call);
    if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
    if (call.phase === 0) {
      const count = refcountAt(call, machine.space.pageStructOf(frame.physical));
      machine.access(count, 4, WRITE, 0);
      machine.peek(count, 4);
      if (machine.low === 0)
        throw new Violation(
          'bad-free',
          `${machine.space.nameOf(frame.at)} is freed, but nobody holds a reference to it`,
        );
      machine.poke(count, 4, machine.low - 1, 0, 0);
      return machine.low - 1 === 0 ? call.proceed(1) : PROGRESS.done;
    }
    machine.free(frame.index);
    return PROGRESS.done;
  },
  describe: (call) =>
    call.phase === 0 ? `put the reference to ${pageName(call)}` : `free ${pageName(call)}`,
};

const folioPut: Intrinsic = {
  names: ['__folio_put'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    if (!machine.model.passDrained(machine, call.context)) return PROGRESS.blocked;
    machine.free(frameArgument(call).index);
    return PROGRESS.done;
  },
  describe: (call) => `last reference gone: free ${pageName(call)}`,
};

function pageName(call: Call): string {
  const frame = call.machine.space.frameOfPageStruct(call.address(0));
  return frame ? `frame ${frameName(frame.physical)}` : 'a page';
}

const kmap: Intrinsic = {
  names: ['__kmap_local_page_prot'],
  kind: 'intrinsic',
  run(call) {
    const { machine } = call;
    const frame = frameArgument(call);
    const tag = (call.shadow(0) & ~FLAGS_MASK) >>> 0;
    if (frame.zone === 'normal')
      return call.returnsAddress(machine.arch.directMap + frame.physical, tag);
    return call.returns(machine.kmap(call.context, frame.index), 0, tag);
  },
  describe: (call) => `map ${pageName(call)}`,
};

const kunmap: Intrinsic = {
  names: ['kunmap_local_indexed'],
  kind: 'intrinsic',
  run(call) {
    call.machine.kunmap(call.context, call.low(0));
    return PROGRESS.done;
  },
  describe: () => 'unmap',
};

export const PAGES: readonly Intrinsic[] = [allocate, freePages, folioPut, kmap, kunmap];
