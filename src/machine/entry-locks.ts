/**
 * Which wide loads may be one step after all. An eight-byte load on a
 * 32-bit machine is two, in either order, because a write may fall in
 * between. It cannot where the loading context holds a lock that every write
 * to those bytes is made under. Nobody declares such locks: they are learnt
 * from the writes seen, and a write without a lock that a load has relied on
 * restarts the search.
 *
 * Why that is sound: take an execution in which a write falls between the
 * halves, and leave the first half out, which nobody notices. What is left is
 * an execution of the merged system in which somebody writes there while the
 * loading context holds the lock; that write does not hold it, so the search
 * has seen a write without it, and the load did not rely on it.
 */
export class EntryLocks {
  /** Locks held at every write to a granule so far; absent before the first write. */
  readonly #locks = new Map<number, readonly number[]>();
  /** What loads held that were taken to be whole, per granule: each set once, by its text. */
  readonly #relied = new Map<number, Map<string, readonly number[]>>();

  /** Notes a write made under `held`. Returns true where a load has relied on locks none of which it holds. */
  noteWrite(granule: number, held: readonly number[]): boolean {
    const known = this.#locks.get(granule);
    const common = known === undefined ? [...held] : known.filter((lock) => held.includes(lock));
    if (known !== undefined && common.length === known.length) return false;
    this.#locks.set(granule, common);
    for (const locks of this.#relied.get(granule)?.values() ?? []) {
      if (!locks.some((lock) => common.includes(lock))) return true;
    }
    return false;
  }

  /** Whether a load made under `held` is whole; if so, it is relied on from now on. */
  isWhole(granule: number, held: readonly number[]): boolean {
    const locks = this.#locks.get(granule);
    if (locks !== undefined && !locks.some((lock) => held.includes(lock))) return false;
    let relied = this.#relied.get(granule);
    if (!relied) this.#relied.set(granule, (relied = new Map()));
    const name = held.join();
    if (!relied.has(name)) relied.set(name, [...held]);
    return true;
  }
}
