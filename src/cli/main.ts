/**
 * The command line. Commands and options are declared here; what they do is
 * loaded when it is asked for, so that `--version` and `--help` do not wait
 * for a compiler. Nothing below `src/cli/` ends the process in mid-output:
 * it sets the exit code, and the process ends when all is written.
 */

import { Command, CommanderError } from '@commander-js/extra-typings';
import { KERNEL_ARCHITECTURES } from '../clang/kernel-arch.ts';
import { inputError } from '../scenario/input-error.ts';
import { ARCHES, ERAS, PLATFORMS } from '../scenario/targets.ts';
import { EXIT } from './exit-codes.ts';
import { describeFailure } from './failure.ts';
import { endWhenOutputCloses } from './terminal.ts';
import { packageVersion } from './version.ts';

/** Commands of the design that do not exist yet: known by name, so that the answer is not "unknown command". */
const PLANNED_COMMANDS: readonly string[] = ['cost', 'patch', 'show', 'serve'];

/** Collects an option that may be given several times, each time with one word or several joined by commas. */
function collect(word: string, before: string[]): string[] {
  const parts = word.split(',').filter((part) => part !== '');
  // An empty word stays, to be refused: without one, every name would be meant.
  return [...before, ...(parts.length === 0 ? [''] : parts)];
}

function declareCheck(program: Command): void {
  program
    .command('check')
    .description('explore every interleaving of a scenario; a verdict for each configuration')
    .argument('<scenario...>', 'names (see `shootdown list`) or .c files')
    .option('--variant <name>', 'only this variant of the scenario', collect, [])
    .option('--kernel <builtin|dir>', 'the kernel: built in, or a build folder', 'builtin')
    .option('--arch <name>', `only this architecture: ${ARCHES.join(', ')}`, collect, [])
    .option('--platform <name>', `only this one: ${PLATFORMS.join(', ')}`, collect, [])
    .option('--memory <model>', 'memory model: tso is x86-TSO (default: tso on x86, else sc)')
    .option('--config <NAME=y|n>', 'a configuration symbol of the built-in kernel', collect, [])
    .option('--without <function>', 'its calls do nothing: what is it needed for?')
    .option('--era <version>', `version that the built-in kernel follows: ${ERAS.join(', ')}`)
    .option('--json', 'one JSON object a line and configuration')
    .option('--search <kind>', 'stateless or graph (default: as the scenario allows)')
    .option('--commuting-adds <on|off>', 'unused results of atomic adds count for nothing', 'on')
    .option('--max-executions <n>', 'stop a configuration after this many executions')
    .option('--timeout <seconds>', 'stop a configuration after this time')
    .option('--first', 'stop a configuration at its first violation')
    .option('--replay <schedule>', 'show this one execution instead of searching')
    .option('--html <file>', 'also write a page with all counterexamples as diagrams')
    .option('--workers <n>', 'configurations at one time (default: as many as cores)')
    .action(async (scenarios, options) => {
      const { checkCommand } = await import('./check/driver.ts');
      await checkCommand(scenarios, options);
    });
}

function declareMatrix(program: Command): void {
  program
    .command('matrix')
    .description('many scenarios in one table: verdicts, and IPIs under page-table locks')
    .argument('<suite>', 'a name (see `shootdown list`) or a .txt file')
    .option('--variant <name>', 'only this variant; * in it stands for any text', collect, [])
    .option('--kernel <builtin|dir>', 'the kernel: built in, or a build folder', 'builtin')
    .option('--arch <name>', `only this architecture: ${ARCHES.join(', ')}`, collect, [])
    .option('--platform <name>', `only this one: ${PLATFORMS.join(', ')}`, collect, [])
    .option('--memory <model>', 'memory model: tso is x86-TSO (default: tso on x86, else sc)')
    .option('--config <NAME=y|n>', 'a configuration symbol of the built-in kernel', collect, [])
    .option('--era <version>', `version that the built-in kernel follows: ${ERAS.join(', ')}`)
    .option('--json', 'one JSON object a line and cell')
    .option('--markdown', 'the table as Markdown')
    .option('--md', 'the same')
    .option('--search <kind>', 'stateless or graph (default: as the scenario allows)')
    .option('--timeout <seconds>', 'stop a cell after this time')
    .option('--first', 'stop a cell at its first violation')
    .option('--html <file>', 'also write a page with all counterexamples as diagrams')
    .option('--workers <n>', 'cells at one time (default: as many as cores)')
    .addHelpText(
      'after',
      '\nExit codes: 0 all as the scenarios expect, 1 not, 2 bad input, 3 a cell is inconclusive, 4 a fault of our own.',
    )
    .action(async (suite, { md, markdown, ...options }) => {
      const { matrixCommand } = await import('./matrix/driver.ts');
      await matrixCommand(suite, { ...options, markdown: markdown === true || md === true });
    });
}

function declareKernel(program: Command): void {
  program
    .command('kernel')
    .description('kernels to check: `shootdown kernel build --help`')
    .command('build')
    .description('make the LLVM IR of a real kernel tree, with its own build system')
    .requiredOption('--tree <dir|tarball>', 'a kernel tree, or a tarball of one')
    .requiredOption('--arch <name>', KERNEL_ARCHITECTURES.join(' or '))
    .option('--out <dir>', 'the build folder; default: one in the cache')
    .option('--config <NAME=y|n>', 'set a configuration symbol', collect, [])
    .option('--files <list>', 'paths in the tree, joined by commas, or @FILE with one a line')
    .action(async (options) => {
      const { kernelBuildCommand } = await import('./kernel-build.ts');
      await kernelBuildCommand(options);
    });
}

function declareCommands(): Command {
  const program = new Command('shootdown')
    .description("Is it safe? A model checker that runs the Linux kernel's own page-table C.")
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(shootdown --help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 safe, 1 unsafe, 2 bad input, 3 inconclusive, 4 a fault of our own.\n' +
        'Try: shootdown check retract-vs-pte-map --arch i386-pae',
    );
  program
    .command('list')
    .description('the scenarios that come with it')
    .option('--json', 'with variants, configurations and expectations, one object a line')
    .action(async (options) => {
      const { listCommand } = await import('./list.ts');
      await listCommand({ json: options.json === true });
    });
  declareCheck(program as Command);
  declareMatrix(program as Command);
  declareKernel(program as Command);
  for (const name of PLANNED_COMMANDS) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw inputError(`${name} is not built yet`, 'commands: list, check, matrix, kernel build');
      });
  }
  return program as Command;
}

/** Runs one command line. `argv` is the process's own, with program and script first. Sets `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  endWhenOutputCloses();
  try {
    await declareCommands().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version that were asked for are no mistakes; commander
      // has written its message already.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.badInput;
      return;
    }
    const { text, exitCode } = describeFailure(error, argv.slice(2));
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}
