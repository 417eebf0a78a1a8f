/**
 * The configuration of a kernel tree: set symbols, let kbuild settle the rest,
 * then look whether the wishes survived. Kconfig drops a wish whose
 * dependencies are not met without a word; here it is an error that names the
 * dependency, since the configuration decides the verdict.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Symbol to value as `.config` has it: `y`, `m`, a number, or text; what is not set is absent. */
export type KernelConfig = ReadonlyMap<string, string>;

export function parseConfig(text: string): KernelConfig {
  const config = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)) {
    config.set(name!, value!.startsWith('"') ? value!.slice(1, -1) : value!);
  }
  return config;
}

/** Arguments of the tree's `scripts/config` that state `wanted`. */
export function configArguments(file: string, wanted: Readonly<Record<string, boolean>>): string[] {
  return [
    ...['--file', file],
    ...Object.entries(wanted).flatMap(([name, on]) => [on ? '--enable' : '--disable', name]),
  ];
}

/** `CONFIG_FOO` and `FOO` are the same symbol; anything else is refused with null. */
export function symbolName(text: string): string | null {
  const name = text.startsWith('CONFIG_') ? text.slice('CONFIG_'.length) : text;
  return /^[A-Za-z0-9_]+$/.test(name) ? name : null;
}

/** One paragraph for each symbol of `wanted` that did not end up as wanted; none if all did. */
export function unmetWishes(
  tree: string,
  archFolder: string,
  config: KernelConfig,
  wanted: Readonly<Record<string, boolean>>,
): string[] {
  const unmet = Object.entries(wanted).filter(([name, on]) => (config.get(name) === 'y') !== on);
  if (unmet.length === 0) return [];
  const definitions = readDefinitions(tree, archFolder, new Set(unmet.map(([name]) => name)));
  return unmet.map(([name, on]) => explain(name, on, config, definitions.get(name) ?? []));
}

/** One place in the tree that has a say in a symbol. */
interface Definition {
  /** `arch/x86/Kconfig:1455`. */
  readonly place: string;
  /** Its dependencies and defaults there, or who selects it. */
  readonly lines: readonly string[];
}

function explain(
  name: string,
  on: boolean,
  config: KernelConfig,
  definitions: readonly Definition[],
): string {
  const ended = config.get(name) ?? 'n';
  const wish = `${name}=${on ? 'y' : 'n'} was wanted, but the configuration ends up with ${name}=${ended}`;
  if (definitions.length === 0) {
    return `${wish}: this tree has no symbol of that name for this architecture`;
  }
  // Nothing is forced by a symbol that is off, and what selects a symbol
  // is no reason for its being off.
  const reasons = definitions.flatMap(({ place, lines }) =>
    lines
      .filter((line) => {
        const selector = /^(\w+) selects it/.exec(line)?.[1];
        return selector === undefined || (!on && config.get(selector) === 'y');
      })
      .map((line) => `  ${place}: ${line}${valuesOf(line, name, config)}`),
  );
  if (reasons.length > 0) return [`${wish}:`, ...reasons].join('\n');
  const places = definitions.map(({ place }) => place).join(', ');
  return `${wish}: another answer of the same choice may exclude it (defined at ${places})`;
}

/** The values of the symbols in a Kconfig expression, as ` (PAE=n, SMP=y)`. */
function valuesOf(line: string, self: string, config: KernelConfig): string {
  const names = new Set(line.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []);
  names.delete(self);
  const values = [...names].map((name) => `${name}=${config.get(name) ?? 'n'}`);
  return values.length === 0 ? '' : ` (${values.join(', ')})`;
}

/** Where the tree defines these symbols and where it selects them. Other architectures' files are left out. */
function readDefinitions(
  tree: string,
  archFolder: string,
  names: ReadonlySet<string>,
): Map<string, Definition[]> {
  const found = new Map<string, Definition[]>();
  const add = (name: string | undefined, definition: Definition): void => {
    if (name === undefined || !names.has(name)) return;
    found.set(name, [...(found.get(name) ?? []), definition]);
  };
  for (const file of kconfigFiles(tree, archFolder)) {
    const lines = readFileSync(join(tree, file), 'utf8').split('\n');
    let symbol = '';
    lines.forEach((line, index) => {
      const place = `${file}:${index + 1}`;
      const name = /^\s*(?:menu)?config\s+(\w+)\s*$/.exec(line)?.[1];
      if (name !== undefined) {
        symbol = name;
        add(name, { place, lines: dependencies(lines, index + 1) });
      }
      const selected = /^\s+select\s+(\w+)(.*)$/.exec(line);
      add(selected?.[1], { place, lines: [`${symbol} selects it${selected?.[2] ?? ''}`] });
    });
  }
  return found;
}

function dependencies(lines: readonly string[], from: number): string[] {
  const found: string[] = [];
  for (let index = from; index < lines.length; index++) {
    const line = lines[index]!;
    // The next entry, or the help text, ends the attributes.
    if (/^\S/.test(line) || /^\s*(?:help|(?:menu)?config\s)/.test(line)) break;
    let text = line.trim();
    while (text.endsWith('\\') && index + 1 < lines.length) {
      text = `${text.slice(0, -1).trimEnd()} ${lines[++index]!.trim()}`;
    }
    if (/^(?:depends on|def_bool|default)\b/.test(text)) found.push(text);
  }
  return found;
}

function kconfigFiles(tree: string, archFolder: string): string[] {
  const found: string[] = [];
  const pending = readdirSync(tree, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name) && entry.name !== 'arch')
    .map((entry) => entry.name);
  pending.push(join('arch', archFolder));
  found.push(
    ...['Kconfig', join('arch', 'Kconfig')].filter((file) => existsSync(join(tree, file))),
  );
  while (pending.length > 0) {
    const folder = pending.pop()!;
    if (!existsSync(join(tree, folder))) continue;
    for (const entry of readdirSync(join(tree, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) pending.push(join(folder, entry.name));
      else if (entry.name.startsWith('Kconfig')) found.push(join(folder, entry.name));
    }
  }
  return found;
}

const SKIPPED: ReadonlySet<string> = new Set(['Documentation', 'tools', 'debian', '.git']);
