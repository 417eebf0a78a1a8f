/**
 * Output that the README shows: a block between markers, abridged by rules,
 * so that it can be written again from what the command prints now. What
 * differs from run to run is masked when the two are compared.
 */

/** A line that stands for lines left out. */
const GAP = '[...]';

/** Lines to show: from the first that matches `from`, up to the first after it that matches `to`. */
export interface Excerpt {
  readonly from: RegExp;
  /** Null: to the end. */
  readonly to: RegExp | null;
  /** The line that matches `to` is shown as well. */
  readonly inclusive?: boolean;
}

/** The excerpts in their order. Fails: an error naming the line that is not there. */
export function abridge(output: string, excerpts: readonly Excerpt[]): string {
  const lines = output.trimEnd().split('\n');
  let at = 0;
  const find = (pattern: RegExp, start: number): number => {
    const found = lines.findIndex((line, index) => index >= start && pattern.test(line));
    if (found < 0) throw new Error(`the output has no line like ${pattern} any more`);
    return found;
  };
  const runs = excerpts.map(({ from, to, inclusive }) => {
    const start = find(from, at);
    at = to === null ? lines.length : find(to, start + 1) + (inclusive ? 1 : 0);
    const gap = start === 0 ? [] : [GAP];
    return [...gap, ...lines.slice(start, at)].join('\n').trimEnd();
  });
  return [...runs, ...(at < lines.length ? [GAP] : [])].join('\n');
}

/** Without what depends on the machine that ran it, or on how clever the search has become. */
function masked(text: string): string {
  return text
    .replaceAll(/\d+(?:\.\d+)? s\b/g, '... s')
    .replaceAll(/[\d,]+ executions, [\d,]+ steps/g, '... executions, ... steps');
}

function pattern(title: string): RegExp {
  const escaped = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(<!-- ${escaped} -->\n\`\`\`\\w*\n)([\\s\\S]*?)(\n?\`\`\`\n)`);
}

/** The fenced block after the marker `<!-- TITLE -->`. Fails: an error where there is none. */
export function blockOf(readme: string, title: string): string {
  const found = pattern(title).exec(readme);
  if (found === null) throw new Error(`README.md has no block <!-- ${title} -->`);
  return found[2]!;
}

/** The README with this block, or as it was where only what is masked differs. */
export function withBlock(readme: string, title: string, text: string): string {
  if (masked(blockOf(readme, title)) === masked(text)) return readme;
  return readme.replace(pattern(title), (_, head) => `${head}${text}\n\`\`\`\n`);
}

/** The C file that the README shows, as a reader would save it. */
export function scenarioOf(readme: string): string {
  const block = /^```c\n([\s\S]*?\n)```\n/m.exec(readme);
  if (block === null) throw new Error('README.md shows no scenario');
  return block[1]!;
}
