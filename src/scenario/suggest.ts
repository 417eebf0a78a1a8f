/**
 * Near misses: which known word was probably meant. Used by every refusal,
 * so that a typing slip is one look away from its mend.
 */

/**
 * Edit distance with insertions, deletions, replacements and swaps of
 * neighbours (optimal string alignment). Cost: product of the lengths.
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(previous[j] + 1, current[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforePrevious[j - 2] + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length];
}

/**
 * The known word nearest to `word`, or null when none is near. Case, and
 * whether `-` or `_` was typed, do not count; a word that one is the start
 * of counts as near.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '-');
  const typed = plain(word);
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const target = plain(candidate);
    const starts = typed.length >= 3 && (target.startsWith(typed) || typed.startsWith(target));
    const distance = starts ? 1 : editDistance(typed, target);
    const allowed = Math.max(1, Math.floor(Math.min(typed.length, target.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The line under a refusal: the near miss if there is one, then all that exists. */
export function suggestion(word: string, known: readonly string[], noun: string): string {
  const near = nearest(word, known);
  const meant = near === null ? '' : `did you mean ${near}? `;
  return `${meant}${noun}: ${known.join(', ')}`;
}
