/**
 * The shape of a line of `check --json`, written down a second time: the
 * format is a promise to programs that were not compiled with our types.
 * Strict: a field that is missing, misnamed or new is a problem; a new one is
 * written down here as well.
 */

type Shape = (value: unknown, path: string) => string[];

const say = (path: string, wanted: string, value: unknown): string[] => [
  `${path}: wanted ${wanted}, found ${JSON.stringify(value) ?? 'nothing'}`,
];

const word: Shape = (value, path) => (typeof value === 'string' ? [] : say(path, 'a text', value));

const flag: Shape = (value, path) =>
  typeof value === 'boolean' ? [] : say(path, 'true or false', value);

const number: Shape = (value, path) =>
  typeof value === 'number' && value >= 0 ? [] : say(path, 'a number', value);

const whole: Shape = (value, path) =>
  Number.isSafeInteger(value) ? number(value, path) : say(path, 'a whole number', value);

const matching =
  (pattern: RegExp): Shape =>
  (value, path) =>
    typeof value === 'string' && pattern.test(value) ? [] : say(path, String(pattern), value);

const orNull =
  (shape: Shape): Shape =>
  (value, path) =>
    value === null ? [] : shape(value, path);

const list =
  (shape: Shape): Shape =>
  (value, path) =>
    Array.isArray(value)
      ? value.flatMap((item, at) => shape(item, `${path}[${at}]`))
      : say(path, 'a list', value);

const table =
  (shape: Shape): Shape =>
  (value, path) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, item]) => shape(item, `${path}.${key}`))
      : say(path, 'an object', value);

const object =
  (fields: Readonly<Record<string, Shape>>, may: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, path) => {
    const wrong = table(() => [])(value, path);
    if (wrong.length > 0) return wrong;
    const found = value as Readonly<Record<string, unknown>>;
    const known = { ...fields, ...may };
    const strange = Object.keys(found).filter((key) => !(key in known));
    const present = Object.keys(known).filter((key) => key in fields || key in found);
    return [
      ...strange.flatMap((key) => say(`${path}.${key}`, 'no such field', found[key])),
      ...present.flatMap((key) => known[key]!(found[key], `${path}.${key}`)),
    ];
  };

const property = matching(
  new RegExp(
    `^(?:${[
      ...['torn-entry', 'use-after-free', 'use-after-reuse', 'bad-free', 'lost-pin'],
      ...['stale-translation', 'lost-store', 'deadlock', 'lock-misuse', 'ipi-with-irqs-off'],
      ...['sleep-in-atomic', 'notifier-window', 'refcount', 'bug', 'warn', 'assertion'],
      ...['wild-access', 'undefined-value', 'livelock', 'data-race'],
    ].join('|')})$`,
  ),
);

const scopeValue: Shape = (value, path) =>
  Array.isArray(value)
    ? list(word)(value, path)
    : ['string', 'number', 'boolean'].includes(typeof value)
      ? []
      : say(path, 'a text, a number, a flag or a list of texts', value);

const step = object(
  {
    cpu: (value, path) => (value === -1 ? [] : whole(value, path)),
    function: word,
    file: word,
    line: whole,
    event: word,
  },
  { locks: list(word), irqsOff: flag, context: word, sends: list(whole), takes: list(whole) },
);

const search = object({
  kind: matching(/^(?:stateless|graph)$/),
  why: word,
  order: orNull(matching(/^(?:breadth|depth)$/)),
  symmetric: flag,
  commutingAdds: flag,
  executions: whole,
  traces: orNull(whole),
  asleep: whole,
  states: whole,
  transitions: whole,
  looks: whole,
  deepest: whole,
  instructions: object({ visible: whole, merged: whole }),
  madeVisible: whole,
  restarts: whole,
  seconds: object({ compiling: number, exploring: number, shortening: number }),
  bytesPerState: orNull(whole),
  bytesPerStep: orNull(whole),
});

const line = object({
  formatVersion: (value, path) => (value === 1 ? [] : say(path, '1', value)),
  scenario: word,
  variant: word,
  kernel: word,
  config: table(flag),
  era: matching(/^\d+\.\d+$/),
  arch: matching(/^(?:x86_64|i386-pae|arm64|riscv|s390|powerpc)$/),
  platform: matching(/^(?:native|kvm|xen|hyperv|invlpgb|sbi|hash)$/),
  memory: matching(/^(?:sc|tso)$/),
  verdict: matching(/^(?:safe|unsafe|inconclusive)$/),
  expected: orNull(matching(/^(?:safe|unsafe [a-z-]+)$/)),
  property: orNull(property),
  message: word,
  executions: whole,
  states: whole,
  transitions: whole,
  seconds: number,
  violations: list(object({ property, site: matching(/^\S.*:\d+ \S+$|^$/) })),
  ipiRounds: orNull(
    object({ total: whole, underPtl: whole, executions: matching(/^(?:all|one)$/) }),
  ),
  assumptions: object({
    fromTree: list(word),
    intrinsics: list(word),
    stubs: list(word),
    bounds: object({ scope: table(scopeValue), cuts: list(word) }),
  }),
  counterexample: orNull(
    object({ schedule: matching(/^v1\.[0-9a-f]{8}\.\S+$/), shortest: flag, steps: list(step) }),
  ),
  search: orNull(search),
});

/** The keys that the scope of a search always has. */
const SCOPE = ['cpus', 'calls', 'frames', 'preemptions', 'nmis', 'preemptModel', 'stackZeroed'];

interface Line {
  readonly verdict: string;
  readonly property: string | null;
  readonly violations: readonly { readonly property: string }[];
  readonly assumptions: {
    readonly bounds: { readonly scope: Readonly<Record<string, unknown>>; readonly cuts: string[] };
  };
  readonly counterexample: { readonly steps: readonly unknown[] } | null;
  readonly executions: number;
  readonly ipiRounds: { readonly total: number; readonly underPtl: number } | null;
}

/** What the fields must have to do with each other. */
function problemsBetween(found: Line): string[] {
  const { verdict, assumptions } = found;
  const { scope, cuts } = assumptions.bounds;
  const unsafe = verdict === 'unsafe';
  const rules: readonly (readonly [boolean, string])[] = [
    [unsafe === (found.property !== null), 'a property belongs to unsafe, and only to it'],
    [unsafe === (found.counterexample !== null), 'so does a counterexample'],
    [unsafe === found.violations.length > 0, 'so do violations'],
    [!unsafe || found.violations[0]?.property === found.property, 'the first violation names it'],
    [found.counterexample?.steps.length !== 0, 'a counterexample has steps'],
    [verdict !== 'safe' || cuts.length === 0, 'safe knows no cut'],
    [verdict !== 'inconclusive' || cuts.length > 0, 'inconclusive says which cut'],
    [verdict !== 'safe' || found.executions > 0, 'safe has executions'],
    [
      (found.ipiRounds?.underPtl ?? 0) <= (found.ipiRounds?.total ?? 0),
      'rounds under PTL are rounds',
    ],
  ];
  const missing = found.executions === 0 ? [] : SCOPE.filter((key) => !(key in scope));
  return [
    ...rules.filter(([holds]) => !holds).map(([, rule]) => rule),
    ...missing.map((key) => `the scope lacks ${key}`),
  ];
}

/** What is wrong with a line of `check --json`; empty where nothing is. */
export function problemsOfLine(text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return [`no JSON: ${String(error)}`];
  }
  const problems = line(value, 'line');
  return problems.length > 0 ? problems : problemsBetween(value as Line);
}
