/**
 * The text of one metadata node, as a small tree. The grammar is read whole,
 * but no field is given a meaning here: which fields a `!DILocation` has is
 * the business of `metadata.ts`.
 */

import { type Cursor, INTEGER, LABEL, METADATA_NAME, NODE, STRING, WORD } from './cursor.ts';
import type { Value } from './module.ts';
import { parseTypedValue, type Scope } from './parse-value.ts';

/** `!{...}` (tag `''`) or `!DIName(...)`. */
export interface MetadataNode {
  readonly tag: string;
  /** What a tuple holds, and what a specialised node holds without a field name. */
  readonly operands: readonly MetadataValue[];
  readonly fields: ReadonlyMap<string, MetadataValue>;
}

export type MetadataValue =
  | { readonly kind: 'node'; readonly number: number }
  | { readonly kind: 'inline'; readonly node: MetadataNode }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint }
  /** Flags, `DW_...` names, `true`, `null`. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Value };

const BANG = 0x21;
const BAR = 0x7c;
const COMMA = 0x2c;
const PAREN_CLOSE = 0x29;

/** Anything that may stand where metadata is wanted: `!1`, `!"s"`, `!{...}`, `!DIx(...)`, `null`, `i32 7`. */
export function parseMetadata(s: Scope): MetadataValue {
  const { c } = s;
  switch (c.kind) {
    case NODE: {
      const number = Number(c.value);
      c.next();
      return { kind: 'node', number };
    }
    case METADATA_NAME:
    case BANG:
      return parseInline(s);
    case WORD:
      if (c.accept('null')) return { kind: 'word', text: 'null' };
  }
  return { kind: 'value', value: parseTypedValue(s) };
}

function parseInline(s: Scope): MetadataValue {
  const { c } = s;
  if (c.kind === BANG) {
    c.next();
    if ((c.kind as number) === STRING) return { kind: 'string', text: c.expectString() };
    return { kind: 'inline', node: parseTuple(s) };
  }
  return { kind: 'inline', node: parseSpecialised(s) };
}

/** What stands behind `!12 =`: `distinct`, then a tuple or a specialised node. */
export function parseNode(s: Scope): MetadataNode {
  const { c } = s;
  c.accept('distinct');
  if (c.kind === METADATA_NAME) return parseSpecialised(s);
  c.expect('!');
  return parseTuple(s);
}

function parseTuple(s: Scope): MetadataNode {
  const { c } = s;
  c.expect('{');
  const operands: MetadataValue[] = [];
  if (!c.take('}')) {
    do operands.push(parseMetadata(s));
    while (c.take(','));
    c.expect('}');
  }
  return { tag: '', operands, fields: new Map() };
}

function parseSpecialised(s: Scope): MetadataNode {
  const { c } = s;
  const tag = c.expectKind(METADATA_NAME, 'a metadata node');
  c.expect('(');
  const operands: MetadataValue[] = [];
  const fields = new Map<string, MetadataValue>();
  if (!c.take(')')) {
    do {
      if (c.kind === LABEL) {
        const name = c.value;
        c.next();
        if (fields.has(name)) throw c.fail(`field \`${name}\` is given twice`);
        fields.set(name, parseField(s));
      } else operands.push(parseField(s));
    } while (c.take(','));
    c.expect(')');
  }
  return { tag, operands, fields };
}

/** Like `parseMetadata`, and also numbers, bare strings, and flags joined by `|`. */
function parseField(s: Scope): MetadataValue {
  const { c } = s;
  if (c.kind === STRING) return { kind: 'string', text: c.expectString() };
  if (c.kind === INTEGER) {
    const value = BigInt(c.value);
    c.next();
    return { kind: 'integer', value };
  }
  // `i32 7` also starts with a word: what follows the word tells them apart.
  if (c.kind === WORD && !startsValue(c)) {
    let text = '';
    for (;;) {
      text += c.expectKind(WORD, 'a flag');
      if ((c.kind as number) !== BAR) break;
      text += ' | ';
      c.next();
    }
    return { kind: 'word', text };
  }
  return parseMetadata(s);
}

/** Is the word under the cursor a type with its value behind it? */
function startsValue(c: Cursor): boolean {
  const start = c.start;
  c.next();
  const kind = c.kind;
  c.jump(start);
  return kind !== COMMA && kind !== PAREN_CLOSE && kind !== BAR;
}
