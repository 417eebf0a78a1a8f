/**
 * The last lines of a test run: what was not run, why, and what to do about
 * it. A skipped test gives its reason in its name or in that of a group
 * around it: `(not run: REASON)`.
 */

import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** What to do about a reason that contains the key. */
const MENDS: Readonly<Record<string, string>> = {
  chromium:
    'a browser is missing; on Debian: apt-get install chromium; elsewhere name one in SHOOTDOWN_CHROMIUM',
  SHOOTDOWN_KERNEL_IR: `on Debian, .ci/run installs what it takes, builds the kernel and runs all tests; or by hand:
    npx shootdown kernel build --tree linux-source-6.12.tar.xz --arch i386-pae --out IR/i386-pae
    npx shootdown kernel build --tree linux-source-6.12.tar.xz --arch i386-pae --config HIGHPTE=n --out IR/i386-pae-nohighpte
    npx shootdown kernel build --tree linux-source-6.12.tar.xz --arch x86_64 --out IR/x86_64
    SHOOTDOWN_KERNEL_IR=$PWD/IR npm test`,
};

/** The reason that a name gives; without one the name itself, so that nothing goes unsaid. */
export function reasonOf(fullName: string): string {
  const given = /\(not run: (.*?)\)(?: > |$)/.exec(fullName)?.[1];
  if (given !== undefined) return given;
  const key = Object.keys(MENDS).find((word) => fullName.includes(word));
  return key === undefined ? fullName : `${key} is not set`;
}

/** The lines about tests that were not run, by their full names; empty where all ran. */
export function describeLeftOut(fullNames: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of fullNames) {
    const reason = reasonOf(name);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const lines = [...counts].map(([reason, count]) => {
    const key = Object.keys(MENDS).find((word) => reason.includes(word));
    const mend = key === undefined ? '' : `\n  ${MENDS[key]}`;
    return `Left out: ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}${mend}\n`;
  });
  return lines.join('');
}

export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module): TestCase[] => [
      ...module.children.allTests('skipped'),
    ]);
    const text = describeLeftOut(skipped.map((test) => test.fullName));
    if (text !== '') process.stdout.write(`${text}\n`);
  }
}
