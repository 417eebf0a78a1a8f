/**
 * What the terminal is like, asked once: width and colours for reports on
 * standard output, and whether a progress line may be drawn on standard
 * error.
 */

import { colourInk, type Page, plainInk } from '../report/ink.ts';

/** The width of files and pipes, where COLUMNS does not say. */
const FILE_WIDTH = 100;
/** Beyond this, lines are too long to follow. */
const MAX_WIDTH = 160;

/** Whether colours are wanted: NO_COLOR and FORCE_COLOR decide, else whether somebody is looking. */
export function wantsColour(
  environment: Readonly<Record<string, string | undefined>>,
  isTty: boolean,
): boolean {
  if (environment.NO_COLOR !== undefined && environment.NO_COLOR !== '') return false;
  if (environment.FORCE_COLOR !== undefined) {
    return environment.FORCE_COLOR !== '0' && environment.FORCE_COLOR !== 'false';
  }
  return isTty && environment.TERM !== 'dumb';
}

/** The width to lay out for: the terminal's; in a file or pipe that of COLUMNS, if it is exported. */
export function pageWidth(
  environment: Readonly<Record<string, string | undefined>>,
  terminalColumns: number | undefined,
): number {
  const asked = /^[1-9]\d*$/.test(environment.COLUMNS ?? '') ? Number(environment.COLUMNS) : 0;
  return Math.min(terminalColumns || asked || FILE_WIDTH, MAX_WIDTH);
}

/** The page that reports on standard output are laid out for. */
export function outputPage(): Page {
  const { stdout } = process;
  const width = pageWidth(process.env, stdout.isTTY ? stdout.columns : undefined);
  const painted = wantsColour(process.env, stdout.isTTY === true);
  return { width, ink: painted ? colourInk : plainInk };
}

/**
 * Ends quietly when the reader of our output has gone (`| head`). The exit
 * code is what it stands at: a check that was still under way has set
 * `inconclusive`.
 */
export function endWhenOutputCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Writes to standard output and waits until a slow reader has taken it. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', () => resolve()));
}
