/** The edges of a state graph, kept only to find states from which no end can be reached. */

export class Edges {
  #from: Int32Array = new Int32Array(1 << 13);
  #to: Int32Array = new Int32Array(1 << 13);
  #count = 0;

  add(from: number, to: number): void {
    if (this.#count === this.#from.length) {
      this.#from = doubled(this.#from);
      this.#to = doubled(this.#to);
    }
    this.#from[this.#count] = from;
    this.#to[this.#count++] = to;
  }

  /** The lowest state of `stateCount` from which none of `ends` can be reached; -1 where there is none. */
  firstWithoutEnd(stateCount: number, ends: readonly number[]): number {
    const { starts, sources } = this.#incoming(stateCount);
    const reaches = new Uint8Array(stateCount);
    const stack: number[] = [];
    const visit = (state: number): void => {
      if (reaches[state] === 1) return;
      reaches[state] = 1;
      stack.push(state);
    };
    for (const end of ends) visit(end);
    for (let state = stack.pop(); state !== undefined; state = stack.pop()) {
      for (let i = starts[state]; i < starts[state + 1]; i++) visit(sources[i]);
    }
    return reaches.indexOf(0);
  }

  /** Shape: the sources of the edges into state s are `sources[starts[s]]` up to `sources[starts[s + 1] - 1]`. */
  #incoming(stateCount: number): { starts: Int32Array; sources: Int32Array } {
    const starts = new Int32Array(stateCount + 1);
    for (let i = 0; i < this.#count; i++) starts[this.#to[i] + 1]++;
    for (let state = 0; state < stateCount; state++) starts[state + 1] += starts[state];
    const next = starts.slice();
    const sources = new Int32Array(this.#count);
    for (let i = 0; i < this.#count; i++) sources[next[this.#to[i]]++] = this.#from[i];
    return { starts, sources };
  }
}

function doubled(array: Int32Array): Int32Array {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
