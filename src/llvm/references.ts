/**
 * Is the file whole? LLVM numbers metadata so that each node is referred to
 * by a lower-numbered one, by a named one or by the code, so a file that
 * lost its end refers to a node that is not there. This pass over the text
 * finds every reference, without parsing the nodes.
 */

import { errorAt } from './error.ts';

/** The offset at which each numbered node (`!12`) and attribute group (`#12`) is first mentioned. */
export interface References {
  readonly nodes: readonly number[];
  readonly groups: readonly number[];
}

/** Every `!12` and `#12` outside of strings and comments. Fails: where a string does not end on its line. */
export function findReferences(path: string, text: string): References {
  const nodes: number[] = [];
  const groups: number[] = [];
  const { length } = text;
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const close = text.indexOf('"', at + 1);
      const newline = text.indexOf('\n', at + 1);
      if (close < 0 || (newline >= 0 && newline < close))
        throw errorAt(path, text, at, 'string without an end', 'is the file truncated?');
      at = close + 1;
    } else if (code === 0x3b) {
      const newline = text.indexOf('\n', at);
      at = newline < 0 ? length : newline + 1;
    } else if (code === 0x21 || code === 0x23) {
      const start = at++;
      let number = -1;
      for (; at < length; at++) {
        const digit = text.charCodeAt(at) - 0x30;
        if (digit < 0 || digit > 9) break;
        number = (number < 0 ? 0 : number) * 10 + digit;
      }
      const list = code === 0x21 ? nodes : groups;
      if (number >= 0) list[number] ??= start;
    } else at++;
  }
  return { nodes, groups };
}
