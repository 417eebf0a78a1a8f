/** The page in a real browser: nothing runs over, links arrive, colours can be read by day and by night. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { renderMatrixPage } from '../../src/report/html/page.ts';
import { MATRIX } from './sample-matrix.ts';

const NAMES = [
  process.env.SHOOTDOWN_CHROMIUM ?? '',
  'chromium',
  'chromium-browser',
  'google-chrome',
];
const browser = NAMES.find(
  (name) => name !== '' && spawnSync(name, ['--version'], { encoding: 'utf8' }).status === 0,
);

const FOLDER = mkdtempSync(join(tmpdir(), 'shootdown-browser-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

interface Measured {
  /** The page is wider than the window. */
  readonly overflows: boolean;
  /** Links that lead nowhere. */
  readonly dead: readonly string[];
  /** The lowest contrast of text and what is behind it, and where. */
  readonly contrast: number;
  readonly palest: string;
  readonly dark: boolean;
}

/** Runs in the page; leaves its findings in the document's title. */
const MEASURE = `
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const c = parse(getComputedStyle(at).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
  }
  return [255, 255, 255];
};
let contrast = 99, palest = '';
for (const node of document.querySelectorAll('body *')) {
  const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim() !== '');
  if (!own || node.classList.contains('seen')) continue;
  const [a, b] = [luminance(parse(getComputedStyle(node).color).slice(0, 3)), luminance(behind(node))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < contrast) { contrast = ratio; palest = node.outerHTML.slice(0, 80); }
}
const dead = [...document.querySelectorAll('a[href^="#"]')]
  .map((link) => link.getAttribute('href')).filter((href) => document.querySelector(href) === null);
const overflows = document.documentElement.scrollWidth > document.documentElement.clientWidth;
const dark = matchMedia('(prefers-color-scheme: dark)').matches;
document.title = JSON.stringify({ overflows, dead, contrast, palest, dark });
`;

function measure(width: number, dark: boolean): Measured {
  const file = join(FOLDER, `page-${width}-${dark}.html`);
  const page = renderMatrixPage(MATRIX);
  writeFileSync(file, page.replace('</body>', `<script>${MEASURE}</script></body>`));
  const words = [
    ...[
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      `--user-data-dir=${join(FOLDER, 'profile')}`,
    ],
    ...[`--window-size=${width},1000`, '--dump-dom'],
    ...(dark
      ? ['--blink-settings=preferredColorScheme=0']
      : ['--blink-settings=preferredColorScheme=1']),
  ];
  const { stdout, stderr } = spawnSync(browser!, [...words, `file://${file}`], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  const title = /<title>(\{.*\})<\/title>/.exec(stdout)?.[1];
  if (title === undefined) throw new Error(`the browser measured nothing: ${stderr}`);
  const unescaped = title.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return JSON.parse(unescaped);
}

const group =
  browser === undefined ? 'in a browser (not run: there is no chromium)' : 'in a browser';

describe.skipIf(browser === undefined)(group, () => {
  test.each([
    [1400, false],
    [1400, true],
    [600, false],
  ])('%i pixels wide, dark: %s', (width, dark) => {
    const found = measure(width, dark);
    expect(found).toMatchObject({ overflows: false, dead: [], dark });
    expect(found.contrast, found.palest).toBeGreaterThanOrEqual(4.5);
  });
});
