/**
 * kbuild's own command line, taken from the `.cmd` file that it leaves beside
 * every object. With it a scenario is compiled exactly as a file of the tree
 * is, without asking make again: same headers, same macros, same layout.
 */

import { resolve } from 'node:path';
import type { KernelCompileCommand } from './kernel-dir.ts';
import { findProgram } from './run-command.ts';

/** Name of the `.cmd` file of an object or `.ll` file. */
export function commandFileOf(target: string): string {
  return target.replace(/([^/]+)$/, '.$1.cmd');
}

/**
 * The command in the text of a `.cmd` file, made independent of the file it
 * compiled and of the working folder. `out` is the folder that make ran in.
 * Fails: null, if the text has no command.
 */
export function readKbuildCommand(text: string, out: string): KernelCompileCommand | null {
  const line = /^(?:saved)?cmd_\S+ := (.*)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  const words = splitWords(line.replaceAll('$(pound)', '#').replaceAll('$$', '$'));
  const [program, ...rest] = words;
  if (program === undefined) return null;
  return { program: findProgram(program) ?? program, args: keepReusable(rest, out) };
}

// Names of the file that was compiled; each compilation gives its own.
const OF_ONE_FILE =
  /^(?:-Wp,-M|-DKBUILD_(?:MODFILE|BASENAME|MODNAME)=|-D__KBUILD_MODNAME=|-fdebug-prefix-map=)/;

function keepReusable(words: readonly string[], out: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (word === ';' || word === '&&') break;
    if (OF_ONE_FILE.test(word) || (!word.startsWith('-') && word.endsWith('.c'))) continue;
    if (word === '-o') {
      index++;
    } else if (word === '-I' || word === '-include' || word === '-isystem') {
      kept.push(word, resolve(out, words[++index]!));
    } else if (word.startsWith('-I')) {
      kept.push(`-I${resolve(out, word.slice(2))}`);
    } else if (word === '-Xclang' || word === '-mllvm') {
      kept.push(word, words[++index]!);
    } else {
      kept.push(word);
    }
  }
  return kept;
}

/** Words of a POSIX shell command without expansions, quotes taken off. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [piece, space, single, double, escaped] of line.matchAll(
    /(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|[^\s'"\\]+/g,
  )) {
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      const text = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? piece;
      word = (word ?? '') + text;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
