#!/usr/bin/env node
import('../dist/cli/main.js').then(
  (cli) => cli.main(process.argv),
  (error) => {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    process.stderr.write('shootdown: not built yet; run `npm ci` (or `npm run build`) first\n');
    process.exitCode = 2;
  },
);
