/** Text in a page. Everything that comes from a result goes through here. */

const MEANING: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** `text` as text of an element, or between the double quotes of an attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (mark) => MEANING[mark]);
}

/** An element with text in it. `classes` may be empty. */
export function element(name: string, classes: string, text: string): string {
  const attribute = classes === '' ? '' : ` class="${classes}"`;
  return `<${name}${attribute}>${escapeHtml(text)}</${name}>`;
}
