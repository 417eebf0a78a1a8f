/**
 * Names of variants. `v3+foreign-mm` is the variant `v3` with `+foreign-mm`
 * added: the code asks for the whole, for the part before the first `+`, or
 * for one addition, so that combining costs a header line and no copy.
 */

/** Lower-case words joined by `-`; additions behind `+`. Also words of the command line. */
export const VARIANT_NAME: RegExp = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\+[a-z0-9]+(?:-[a-z0-9]+)*)*$/;

/** The code asks for additions by a bit of a 64-bit word. */
export const MAX_VARIANTS = 64;

/** The name as a part of a C identifier. */
export function cName(name: string): string {
  return name.replaceAll(/[-+]/g, '_');
}

/** What comes before the first `+`. */
export function baseOf(name: string): string {
  return name.split('+', 1)[0];
}

/** What comes behind each `+`. */
export function additionsOf(name: string): string[] {
  return name.split('+').slice(1);
}

/** Whether `pattern`, in which `*` stands for any text, means the name. */
export function meansVariant(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll('+', '\\+'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function masks(prefix: string, names: readonly string[], of: (name: string) => readonly string[]) {
  const found = new Map<string, bigint>();
  names.forEach((name, index) => {
    for (const part of of(name)) {
      const key = `${prefix}${cName(part)}`;
      found.set(key, (found.get(key) ?? 0n) | (1n << BigInt(index)));
    }
  });
  return Object.fromEntries([...found].map(([key, mask]) => [key, `0x${mask.toString(16)}ULL`]));
}

/**
 * Macros that a scenario is compiled with: the names of its variants, in the
 * order of the machine's numbers, and for each base and each addition a word
 * with the bits of the variants that have it.
 */
export function variantDefines(names: readonly string[]): Record<string, string> {
  return {
    SCENARIO_VARIANTS: names.map((name) => `V_${cName(name)}`).join(','),
    ...masks('VARIANTS_OF_', names, (name) => [baseOf(name)]),
    ...masks('VARIANTS_WITH_', names, additionsOf),
  };
}
