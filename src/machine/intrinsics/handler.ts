import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/** Interrupts that one delivery can carry: two lanes each. */
export const HANDLER_ENTRIES = 5;
export const HANDLER_NAME = '<cross-CPU interrupt>';

/**
 * The cross-CPU interrupt where a handler runs code: entered with interrupts
 * off, each function in turn, each sender released after its function,
 * interrupts on again. Lane 2i: function index + 1, sender << 1 | waited.
 * Lane 2i + 1: the argument. Source: __flush_smp_call_function_queue,
 * kernel/smp.c (6.12).
 */
const handler: Intrinsic = {
  names: [HANDLER_NAME],
  kind: 'intrinsic',
  run(call: Call) {
    const { machine, context } = call;
    const entry = call.local(0);
    switch (call.phase) {
      case 0: {
        if (entry >= HANDLER_ENTRIES || call.high(entry * 2) === 0xffffffff) return call.proceed(2);
        call.phase = 1;
        if (call.low(entry * 2) === 0) return PROGRESS.next;
        call.callee = machine.program.functions[call.low(entry * 2) - 1]!;
        call.calleeArguments = [
          call.low(entry * 2 + 1),
          call.high(entry * 2 + 1),
          call.shadow(entry * 2 + 1),
        ];
        return PROGRESS.calls;
      }
      case 1:
        if (call.high(entry * 2) & 1) machine.acknowledge(call.high(entry * 2) >>> 1, call.cpu);
        call.setLocal(0, entry + 1);
        return call.proceed(0);
      default:
        machine.setIrqsOff(context, false);
        return PROGRESS.done;
    }
  },
  describe: (call) =>
    call.phase === 1
      ? 'interrupt acknowledged'
      : call.phase === 2
        ? 'return from interrupt'
        : 'interrupt',
};

export const HANDLERS: readonly Intrinsic[] = [handler];
