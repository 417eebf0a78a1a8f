/**
 * The numbered metadata of a module. The first pass only notes where each
 * node starts; a node is parsed when somebody asks for it. This file knows
 * the few debug nodes that say where an instruction comes from.
 */

import type { Range } from './attributes.ts';
import { Cursor, END } from './cursor.ts';
import { errorAt } from './error.ts';
import { type MetadataNode, type MetadataValue, parseNode } from './metadata-node.ts';
import type { SourceLocation } from './module.ts';
import type { Scope } from './parse-value.ts';

interface SourceScope {
  readonly file: string;
  readonly function: string;
}

export class MetadataTable {
  private readonly path: string;
  private readonly text: string;
  private readonly scopeAt: (c: Cursor) => Scope;
  /** Offset behind the `=` by node number. */
  private readonly starts: number[] = [];
  private readonly nodes: (MetadataNode | undefined)[] = [];
  private readonly locations = new Map<number, SourceLocation | null>();
  private readonly scopes = new Map<number, SourceScope>();

  constructor(path: string, text: string, scopeAt: (c: Cursor) => Scope) {
    this.path = path;
    this.text = text;
    this.scopeAt = scopeAt;
  }

  /** Notes that node `number` is defined at `offset`. False where it was before. */
  add(number: number, offset: number): boolean {
    if (this.starts[number] !== undefined) return false;
    this.starts[number] = offset;
    return true;
  }

  has(number: number): boolean {
    return this.starts[number] !== undefined;
  }

  /** The numbers of all nodes, ascending. */
  numbers(): number[] {
    return Object.keys(this.starts).map(Number);
  }

  /** Node `number`, parsed on first use. */
  node(number: number): MetadataNode {
    const known = this.nodes[number];
    if (known !== undefined) return known;
    const start = this.starts[number];
    if (start === undefined) throw this.fail(number, `metadata node !${number} is not defined`);
    const newline = this.text.indexOf('\n', start);
    const end = newline < 0 ? this.text.length : newline;
    const c = new Cursor(this.path, this.text, start, end);
    const node = parseNode(this.scopeAt(c));
    if (c.kind !== END) throw c.unexpected('the end of the line');
    this.nodes[number] = node;
    return node;
  }

  /** The pairs of a `!range` node, as bits of its type. */
  range(number: number): Range {
    const { operands } = this.node(number);
    const bounds = operands.map((operand) => {
      if (operand.kind === 'value' && operand.value.kind === 'int') return operand.value.value;
      throw this.fail(number, `a bound of the range !${number} is no integer`);
    });
    if (bounds.length === 0 || bounds.length % 2 !== 0)
      throw this.fail(number, `the range !${number} is not made of pairs`);
    const pairs: [bigint, bigint][] = [];
    for (let at = 0; at < bounds.length; at += 2) pairs.push([bounds[at], bounds[at + 1]]);
    return pairs;
  }

  /** The source location of a DILocation, or of a DISubprogram's own line; null for any other node. */
  location(number: number): SourceLocation | null {
    if (number < 0) return null;
    const known = this.locations.get(number);
    if (known !== undefined) return known;
    const location = this.readLocation(number);
    this.locations.set(number, location);
    return location;
  }

  private readLocation(number: number): SourceLocation | null {
    const node = this.node(number);
    const line = integer(node.fields.get('line'));
    if (node.tag === 'DISubprogram')
      return { ...this.scope(number), line, column: 0, inlinedAt: null };
    if (node.tag !== 'DILocation') return null;
    const scope = reference(node.fields.get('scope'));
    if (scope < 0) throw this.fail(number, `the location !${number} has no scope`);
    const column = integer(node.fields.get('column'));
    const inlinedAt = this.location(reference(node.fields.get('inlinedAt')));
    return { ...this.scope(scope), line, column, inlinedAt };
  }

  /** The function and the file of a lexical block or a function. */
  private scope(number: number): SourceScope {
    const known = this.scopes.get(number);
    if (known !== undefined) return known;
    const node = this.node(number);
    const ownFile = this.fileName(node.fields.get('file'));
    let scope: SourceScope;
    if (node.tag === 'DISubprogram') {
      const name = text(node.fields.get('name')) || text(node.fields.get('linkageName'));
      scope = { file: ownFile, function: name };
    } else if (node.tag === 'DILexicalBlock' || node.tag === 'DILexicalBlockFile') {
      const parent = reference(node.fields.get('scope'));
      if (parent < 0) throw this.fail(number, `the block !${number} has no scope`);
      const outer = this.scope(parent);
      scope = { file: ownFile || outer.file, function: outer.function };
    } else
      throw this.fail(number, `!${number} is a ${node.tag || 'tuple'}, no scope of a location`);
    this.scopes.set(number, scope);
    return scope;
  }

  private fileName(value: MetadataValue | undefined): string {
    const number = reference(value);
    return number < 0 ? '' : text(this.node(number).fields.get('filename'));
  }

  /** The name of a DILocalVariable, or null for any other node. */
  variableName(number: number): string | null {
    const node = this.node(number);
    return node.tag === 'DILocalVariable' ? text(node.fields.get('name')) : null;
  }

  private fail(number: number, problem: string): Error {
    return errorAt(this.path, this.text, this.starts[number] ?? this.text.length, problem);
  }
}

function integer(value: MetadataValue | undefined): number {
  return value?.kind === 'integer' ? Number(value.value) : 0;
}

function reference(value: MetadataValue | undefined): number {
  return value?.kind === 'node' ? value.number : -1;
}

function text(value: MetadataValue | undefined): string {
  return value?.kind === 'string' ? value.text : '';
}
