/**
 * How the page looks, by day and by night. Nothing is told by colour alone:
 * bars differ in place and pattern, verdicts in words. Colours keep a
 * contrast of 4.5 to 1 for text.
 */

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --head: #f3f5f7;
  --safe: #17692f; --safe-fill: #e6f4ea; --unsafe: #b0151e; --unsafe-fill: #fde8e8;
  --open: #7a5200; --open-fill: #fff3d1; --link: #0b57b5;
  --irq-on: #c76f00; --lock-on: #0b72a8; --ipi-on: #8a3fc4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --text: #e4e7eb; --dim: #9aa4af; --line: #363d45; --head: #1d2227;
    --safe: #6fd58a; --safe-fill: #14301d; --unsafe: #ff8f8a; --unsafe-fill: #401719;
    --open: #f0c04f; --open-fill: #3a2d0b; --link: #7ab7ff;
    --irq-on: #f0a03c; --lock-on: #4db5ea; --ipi-on: #c08cf0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(0.75rem, 3vw, 2.5rem) 4rem; max-width: 110rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0 0 0.25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; }
h3 { font-size: 1.05rem; margin: 0; }
p { margin: 0.35rem 0; max-width: 75ch; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.dim { color: var(--dim); }
code, .mono { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace; font-size: 0.86em; }
.command { display: block; overflow-wrap: anywhere; background: var(--head); padding: 0.4rem 0.6rem; border-radius: 4px; margin: 0.35rem 0; }
.scroll { position: relative; overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; }
caption { text-align: left; max-width: 75ch; color: var(--dim); padding: 0 0 0.4rem; }
.verdicts th, .verdicts td { border: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
.verdicts thead th, .verdicts .family { background: var(--head); }
.verdicts .family .dim { font-weight: normal; font-size: 0.9rem; display: block; max-width: 75ch; }
.verdicts .row { font-weight: normal; white-space: nowrap; }
.verdicts td { white-space: nowrap; line-height: 1.3; }
.verdicts small { display: block; color: var(--text); font-size: 0.78rem; }
.verdicts .safe { background: var(--safe-fill); color: var(--safe); }
.verdicts .unsafe { background: var(--unsafe-fill); color: var(--unsafe); font-weight: 600; }
.verdicts .unsafe a { color: inherit; }
.verdicts .unsafe small { font-weight: normal; }
.verdicts .inconclusive { background: var(--open-fill); color: var(--open); }
.verdicts .differs { outline: 3px double var(--unsafe); outline-offset: -3px; }
article { border: 1px solid var(--line); border-radius: 6px; padding: 0.8rem 1rem 1rem; margin: 1rem 0 1.5rem; scroll-margin-top: 0.5rem; }
article:target { border-color: var(--link); box-shadow: 0 0 0 2px var(--link); }
article:target h3::before { content: "▸ "; color: var(--link); }
.wrong { border-left: 4px solid var(--unsafe); padding-left: 0.7rem; margin: 0.6rem 0; }
.diagram { font-size: 0.85rem; line-height: 1.35; min-width: 46rem; width: 100%; }
.diagram th { text-align: left; }
.diagram thead th { border-bottom: 2px solid var(--line); padding: 0.25rem 0.5rem 0.25rem 2rem; }
.diagram thead th:first-child, .diagram thead th:last-child { padding-left: 0.5rem; }
.diagram tbody th { font-weight: normal; color: var(--dim); text-align: right; padding: 0.1rem 0.5rem; vertical-align: top; }
.diagram td { position: relative; padding: 0.1rem 0.5rem 0.1rem 2rem; vertical-align: top; overflow-wrap: anywhere; min-width: 9rem; }
.diagram .step { border-top: 1px solid var(--line); }
.diagram .source { padding-left: 0.5rem; color: var(--dim); border-left: 1px solid var(--line); }
.diagram .across { font-style: italic; padding-left: 0.5rem; }
.lane {
  --irq: transparent; --lock: transparent; --ipi: transparent;
  background:
    linear-gradient(var(--irq), var(--irq)) 4px 0 / 6px 100% no-repeat,
    repeating-linear-gradient(135deg, var(--lock) 0 3px, transparent 3px 5px) 13px 0 / 6px 100% no-repeat,
    repeating-linear-gradient(var(--ipi) 0 3px, transparent 3px 7px) 23px 0 / 3px 100% no-repeat;
}
.lane.irq { --irq: var(--irq-on); }
.lane.lock { --lock: var(--lock-on); }
.lane.ipi { --ipi: var(--ipi-on); }
.wire { color: var(--ipi-on); white-space: nowrap; }
.passes::after, .sends-right::after, .sends-left::after {
  content: ""; position: absolute; top: 0.8em; border-top: 2px solid var(--ipi-on);
}
.passes::after { left: 0; right: 0; }
.sends-right::after { right: 0; width: 0.5rem; }
.sends-left::after { left: 27px; width: 0.3rem; }
.last { background-color: var(--unsafe-fill); font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; margin: 0.5rem 0; padding: 0; list-style: none; font-size: 0.85rem; }
.legend .lane { display: inline-block; width: 30px; height: 1.1em; vertical-align: text-bottom; margin-right: 0.3rem; }
.seen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { .scroll { overflow: visible; } article { break-inside: avoid-page; } }
`;
