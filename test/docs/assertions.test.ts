/** docs/assertions.md is true: the functions have their assertions, and what is to show them exists. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/scenario/header.ts';
import { PROPERTIES } from '../../src/trace/format.ts';
import { codeWords, readDocument, rowsOf } from './tables.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const document = readDocument('docs/assertions.md');
const ofKernel = rowsOf(document, 'Assertion');
const ofNobody = rowsOf(document, 'Rule');
const tests = readDocument('test/kernel/assertions.test.ts');

const scenarios = new Map(
  readdirSync(join(ROOT, 'scenarios'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.c'))
    .map((path) => [/([^/]+)\.c$/.exec(path)![1]!, join(ROOT, 'scenarios', path)]),
);

/** The text of a function from its name to the brace that closes it, blanks as one; '' where it is not defined. */
function bodyOf(text: string, name: string): string {
  const start = new RegExp(`^[a-z][^;={}#]*\\b${name}\\([^;{}]*\\)\\n\\{`, 'm').exec(text);
  if (start === null) return '';
  const from = text.slice(start.index);
  return from.slice(0, from.indexOf('\n}')).replace(/\s+/g, ' ');
}

/** The properties that a scenario's header, or a test, expects to be violated. Fails: where there is no such file. */
function propertiesFrom(name: string): string[] {
  if (name.startsWith('test/')) {
    const text = readDocument(name);
    return PROPERTIES.filter((property) => text.includes(`'${property}'`));
  }
  const path = scenarios.get(name);
  if (path === undefined) throw new Error(`there is no scenario ${name}`);
  const { expectations } = parseHeader(path, readFileSync(path, 'utf8')).header;
  return expectations.flatMap(({ property }) => property ?? []);
}

describe('every assertion', () => {
  const numbers = (letter: string, last: number): string[] =>
    Array.from({ length: last }, (_, i) => `${letter}${i + 1}`);

  it('has its row, in order, and every rule', () => {
    expect([...new Set(ofKernel.map(([id]) => id))]).toEqual(numbers('A', 29));
    expect(ofNobody.map(([id]) => id)).toEqual(numbers('P', 10));
  });

  const inCode = ofKernel.filter(([, , , where]) => where!.startsWith('`'));
  it.each(inCode)('%s: %s', (_id, _what, func, where, assertions) => {
    const path = codeWords(where!)[0]!;
    expect(existsSync(join(ROOT, path))).toBe(true);
    const body = bodyOf(readFileSync(join(ROOT, path), 'utf8'), codeWords(func!)[0]!);
    const wanted = codeWords(assertions!);
    expect(wanted).not.toEqual([]);
    expect(wanted.filter((assertion) => !body.includes(assertion))).toEqual([]);
  });

  it('is one that is compiled: DEBUG_VM is on for every architecture', () => {
    expect(readDocument('kernel/include/linux/kconfig.h')).toMatch(/^#define CONFIG_DEBUG_VM 1$/m);
  });

  it.each(ofKernel)('is shown by a test or a scenario, or why not: %s, %s', (id, ...rest) => {
    const [raised, shown] = rest.slice(-2);
    const names = codeWords(shown!);
    if (shown!.startsWith('not reached: ')) return;
    if (names.length > 0) {
      expect(names.flatMap(propertiesFrom)).toEqual(expect.arrayContaining(codeWords(raised!)));
      return;
    }
    // Two assertions can be broken only together with one that comes first.
    const covered =
      /^(A\d+), (?:the first one comes before it|its caller asserts the same before it)$/;
    const name = covered.exec(shown!)?.[1] ?? shown!;
    const exists = new RegExp(`(?:id: |describe\\()'${name}[' ]`).test(tests);
    expect({ name, exists, isOwn: name.startsWith(id!) }).toEqual({
      name,
      exists: true,
      isOwn: true,
    });
  });

  it('raises properties that there are', () => {
    const raised = [...ofKernel.map((row) => row[5]!), ...ofNobody.map((row) => row[2]!)];
    expect(raised.flatMap(codeWords).filter((word) => !PROPERTIES.includes(word as never))).toEqual(
      [],
    );
  });

  it.each(ofNobody)('%s is shown by what expects each of its properties: %s', (...row) => {
    const [, , found, shown] = row;
    const properties = codeWords(found!);
    expect(properties).not.toEqual([]);
    expect(codeWords(shown!).flatMap(propertiesFrom)).toEqual(expect.arrayContaining(properties));
  });
});
