/**
 * `uselistorder` directives. They keep the order in which LLVM lists the uses
 * of a value from one run to the next and say nothing about the program, but
 * they are read, so that nothing behind them is lost.
 */

import { GLOBAL } from './cursor.ts';
import { parseTypedValue, type Scope } from './parse-value.ts';

/** Passes over the directive under the cursor. */
export function skipUseListOrder(s: Scope & { blockName?: () => number }): void {
  const { c } = s;
  if (c.accept('uselistorder_bb')) {
    c.expectKind(GLOBAL, 'the name of a function');
    c.expect(',');
    c.next();
  } else {
    c.expectWord('uselistorder');
    if (c.is('label') && s.blockName !== undefined) {
      c.next();
      s.blockName();
    } else parseTypedValue(s);
  }
  c.expect(',');
  c.expect('{');
  do c.expectInteger();
  while (c.take(','));
  c.expect('}');
}
