// The last line of a CI run, from vitest's JSON report: "N passed, N failed"
// and, if any, "N skipped". Exits 0 only if the tests did and nothing failed.
//
// usage: closing-line.mjs REPORT EXIT-CODE-OF-NPM-TEST

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [reportPath, codeText] = process.argv.slice(2);
const code = Number(codeText);
const counts = { passed: 0, failed: 0, skipped: 0 };

let report = null;
try {
  report = JSON.parse(readFileSync(reportPath, 'utf8'));
} catch {
  console.log('no test ran: the linter or the compiler failed before, see above');
}
for (const file of report?.testResults ?? []) {
  const name = relative(process.cwd(), file.name);
  for (const test of file.assertionResults) {
    const kind = counts[test.status] === undefined ? 'skipped' : test.status;
    counts[kind] += 1;
    if (kind !== 'passed') console.log(`${kind}: ${name}: ${test.fullName}`);
  }
  // A file that cannot be imported has no tests to count.
  if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
    counts.failed += 1;
    console.log(`failed: ${name}: ${file.message}`);
  }
}
// Lint, types, an unhandled rejection: a failure that is no test's.
if (code !== 0 && counts.failed === 0) {
  counts.failed = 1;
  console.log(`failed: npm test ended with ${code}, though no test failed`);
}
const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : code || 1;
