/** Suites on the disk: those that come with the package, by name, and any other file, by path. */

import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { PROJECT_ROOT } from '../clang/translation-unit.ts';
import { InputError, inputError } from '../scenario/input-error.ts';
import { nearest, suggestion } from '../scenario/suggest.ts';
import { parseSuite, type Suite } from '../scenario/suite.ts';
import { readTarget } from './read-target.ts';
import { scenarioNames } from './scenario-files.ts';

/** A suite that was found and is well formed. */
export interface SuiteFile extends Suite {
  readonly name: string;
  /** As messages call it. */
  readonly shown: string;
  /** Where paths of scenarios start. */
  readonly folder: string;
}

const FOLDER = join(PROJECT_ROOT, 'suites');

function ownSuites(): string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  return files.map((name) => basename(name, '.txt')).sort();
}

function readSuite(target: string, path: string): SuiteFile {
  const hint = `suites that come with it: ${ownSuites().join(', ')}`;
  const text = readTarget(target, path, hint);
  const shown = path.startsWith(FOLDER) ? relative(PROJECT_ROOT, path) : target;
  const { suite, problems } = parseSuite(shown, text);
  if (suite === null) throw new InputError(problems);
  return { ...suite, name: basename(path, '.txt'), shown, folder: dirname(path) };
}

/** Every suite that comes with the package, by name. Fails: InputError for a broken one. */
export function listSuites(): SuiteFile[] {
  return ownSuites().map((name) => readSuite(name, join(FOLDER, `${name}.txt`)));
}

/** The suite that a word of the command line means. Fails: InputError. */
export function findSuite(target: string): SuiteFile {
  if (target.endsWith('.txt') || target.includes('/')) return readSuite(target, target);
  const own = ownSuites();
  if (own.includes(target)) return readSuite(target, join(FOLDER, `${target}.txt`));
  if (scenarioNames().includes(target) || target.endsWith('.c')) {
    throw inputError(
      `${target} is a scenario, not a suite`,
      `its verdicts: shootdown check ${target}; suites: ${own.join(', ')}`,
    );
  }
  const known = suggestion(target, own, 'suites');
  const scenario = nearest(target, scenarioNames());
  const meant = scenario === null ? '' : `; or is it the scenario ${scenario}? shootdown check it`;
  throw inputError(
    `unknown suite '${target}'`,
    `${known}; or give the path of a .txt file${meant}`,
  );
}
