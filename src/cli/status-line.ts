/**
 * One line on standard error that is drawn over itself while something long
 * runs. It exists only on a terminal: in files and pipes there is silence.
 */

import { clip } from '../report/ink.ts';

export interface StatusLine {
  /** False where nobody would see it: then `show` does nothing, and its text need not be made. */
  readonly visible: boolean;
  show(text: string): void;
  /** Takes the line away, so that other output can be written. */
  clear(): void;
}

/** Where the line is drawn: a terminal, or a stand-in. */
export interface StatusStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const ERASE = '\r\u001b[K';

export function openStatusLine(stream: StatusStream = process.stderr): StatusLine {
  const visible = stream.isTTY === true && process.env.TERM !== 'dumb';
  let shown = false;
  return {
    visible,
    show(text) {
      if (!visible) return;
      // A line that wraps cannot be drawn over: one column stays free.
      stream.write(`${ERASE}${clip(text, (stream.columns || 80) - 1)}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write(ERASE);
      shown = false;
    },
  };
}
