/**
 * Scenarios on the disk: those that come with the package, by name, and any
 * other C file, by path.
 */

import { readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { PROJECT_ROOT } from '../clang/translation-unit.ts';
import { parseHeader, type ScenarioHeader } from '../scenario/header.ts';
import { InputError, inputError } from '../scenario/input-error.ts';
import { suggestion } from '../scenario/suggest.ts';
import { readTarget } from './read-target.ts';

/** A scenario that was found and whose header is sound. */
export interface Scenario {
  readonly name: string;
  /** As the user named it: what a command line to repeat this must say. */
  readonly target: string;
  readonly path: string;
  readonly header: ScenarioHeader;
}

const FOLDER = join(PROJECT_ROOT, 'scenarios');

/** Name to path of the scenarios that come with the package, by name. */
function ownScenarios(): Map<string, string> {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.c'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(files.map((path) => [basename(path, '.c'), path]));
}

function readScenario(target: string, path: string): Scenario {
  const text = readTarget(target, path);
  const shown = path.startsWith(FOLDER) ? relative(PROJECT_ROOT, path) : target;
  const { header, problems } = parseHeader(shown, text);
  if (header === null) throw new InputError(problems);
  return { name: basename(path, '.c'), target, path, header };
}

/** Names of the scenarios that come with the package. */
export function scenarioNames(): string[] {
  return [...ownScenarios().keys()];
}

/** Every scenario that comes with the package, by name. Fails: InputError for a broken header. */
export function listScenarios(): Scenario[] {
  return [...ownScenarios()].map(([name, path]) => readScenario(name, path));
}

/** The scenario that a word of the command line means. Fails: InputError. */
export function findScenario(target: string): Scenario {
  if (target.endsWith('.c') || target.includes('/')) return readScenario(target, target);
  const own = ownScenarios();
  const path = own.get(target);
  if (path === undefined) {
    const known = suggestion(target, [...own.keys()], 'scenarios');
    throw inputError(`unknown scenario '${target}'`, `${known}; or give the path of a .c file`);
  }
  return readScenario(target, path);
}
