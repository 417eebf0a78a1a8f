/**
 * Ctrl-C during a check: the first asks the search to stop and what is known
 * to be printed; the second, by the system's own doing, ends the process.
 */

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

export function listenForInterrupt(onFirst: () => void): Interrupt {
  const abort = new AbortController();
  const interrupt = (): void => {
    onFirst();
    abort.abort();
  };
  // Once: with no listener left, the next signal has its default effect.
  process.once('SIGINT', interrupt);
  return {
    signal: abort.signal,
    dispose: () => process.removeListener('SIGINT', interrupt),
  };
}
