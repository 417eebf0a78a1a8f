/**
 * Running kbuild's own make. The environment is cleared of what would steer it
 * elsewhere; a step that fails is told with its command and the end of what it
 * printed, because kbuild's error is there and nowhere else.
 */

import { availableParallelism } from 'node:os';
import { formatCommand, runCommand } from './run-command.ts';

/** What the user is shown while a kernel is built. */
export interface BuildProgress {
  readonly step: 'check' | 'unpack' | 'configure' | 'prepare' | 'compile' | 'finish';
  /** One line for people. */
  readonly message: string;
  /** Part of this step that is done, 0 to 1, where it is known. */
  readonly fraction?: number;
}

/** A step that did not work. */
export interface BuildFailure {
  readonly kind: 'error';
  /** What failed and what to try; may be several lines. */
  readonly message: string;
  readonly command: string | null;
  /** The end of what the command printed. */
  readonly lastLines: readonly string[];
}

export type StepOutcome =
  | { readonly kind: 'done'; readonly output: string }
  | BuildFailure
  | { readonly kind: 'aborted' };

const LAST_LINES = 20;

/** A failure that no command printed. */
export function buildFailure(message: string): BuildFailure {
  return { kind: 'error', message, command: null, lastLines: [] };
}

/** Runs one command of a build; `what` names the step in its failure. */
export async function runStep(
  what: string,
  program: string,
  args: readonly string[],
  options: { cwd: string; signal?: AbortSignal; onLine?: (line: string) => void },
): Promise<StepOutcome> {
  const run = await runCommand(program, args, { ...options, env: buildEnvironment() });
  if (run.kind === 'aborted') return run;
  const command = `cd ${options.cwd} && ${formatCommand(program, args)}`;
  if (run.kind === 'not-started') {
    return { kind: 'error', message: `${what}: ${run.reason}`, command, lastLines: [] };
  }
  if (run.code === 0) return { kind: 'done', output: run.output };
  const lastLines = run.lines.filter((line) => line.trim() !== '').slice(-LAST_LINES);
  return { kind: 'error', message: `${what} failed (exit ${run.code})`, command, lastLines };
}

/** Arguments of make for one output folder. */
export function makeArguments(out: string, arch: string, llvm: string): string[] {
  return [`-j${availableParallelism()}`, `O=${out}`, `ARCH=${arch}`, `LLVM=${llvm}`];
}

// Set in a kernel developer's shell for work of another kind, or by a make
// that we were started from.
const STEERING = [
  ...[
    'ARCH',
    'SRCARCH',
    'SUBARCH',
    'CROSS_COMPILE',
    'LLVM',
    'LLVM_IAS',
    'CC',
    'HOSTCC',
    'LD',
    'AR',
  ],
  ...[
    'NM',
    'OBJCOPY',
    'OBJDUMP',
    'READELF',
    'STRIP',
    'O',
    'V',
    'W',
    'C',
    'M',
    'KCFLAGS',
    'KCPPFLAGS',
  ],
  ...['KAFLAGS', 'CFLAGS', 'HOSTCFLAGS', 'HOSTLDFLAGS', 'KBUILD_OUTPUT', 'KBUILD_EXTMOD'],
  ...['KBUILD_VERBOSE', 'KCONFIG_CONFIG', 'KCONFIG_ALLCONFIG', 'MAKEFLAGS', 'MFLAGS', 'MAKELEVEL'],
  ...['MAKEFILES', 'MAKEOVERRIDES', 'CDPATH', 'LOCALVERSION', 'KERNELVERSION', 'KERNELRELEASE'],
];

function buildEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  for (const name of STEERING) delete environment[name];
  return environment;
}
