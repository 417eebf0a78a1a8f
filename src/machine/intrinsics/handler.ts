import { type Call, type Intrinsic, PROGRESS } from './intrinsic.ts';

/** Interrupts that one delivery can carry: two lanes each. */
export const HANDLER_ENTRIES = 5;
export const HANDLER_NAME = '<cross-CPU interrupt>';

/**
 * The cross-CPU interrupt where a handler runs code: entered with interrupts
 * off, each function in turn, each sender released after its function,
 * interrupts on again. Lane 2i: function index + 1, sender << 2 | lent << 1 |
 * waited. Lane 2i + 1: the argument. A sender's release is a plain store, and
 * the return from an interrupt waits for the stores before it. Sources:
 * __flush_smp_call_function_queue, kernel/smp.c (6.12); Intel SDM volume 3,
 * 9.3 (IRET serializes).
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
        machine.lender = call.high(entry * 2) & 2 ? call.high(entry * 2) >>> 2 : -1;
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
        machine.lender = -1;
        if (call.high(entry * 2) & 1)
          machine.model.acknowledge(machine, context, call.high(entry * 2) >>> 2);
        call.setLocal(0, entry + 1);
        return call.proceed(0);
      default:
        if (machine.noticed >= 0) return PROGRESS.done;
        if (!machine.model.passDrained(machine, context)) return PROGRESS.blocked;
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
