/**
 * From the text of one `.ll` file to a `Module`. The first pass reads all
 * that has a name: types, variables with their values, headers of functions,
 * attributes, and the places of the metadata nodes. Bodies and nodes are read
 * when asked for. What the first pass does settle is that the file is whole:
 * a shorter module would be a wrong program, not a smaller one.
 */

import { parseFunctionAttributes, unknownAttribute } from './attributes.ts';
import {
  ATTRIBUTES,
  COMDAT,
  Cursor,
  END,
  GLOBAL,
  LOCAL,
  METADATA_NAME,
  NODE,
  WORD,
} from './cursor.ts';
import { errorAt, IrError, TYPED_POINTER_HINT, typedPointerProblem } from './error.ts';
import { FunctionScope } from './function-scope.ts';
import { parseDataLayout } from './layout.ts';
import { MetadataTable } from './metadata.ts';
import type {
  Alias,
  FunctionBody,
  FunctionDefinition,
  GlobalVariable,
  Module,
  SourceLocation,
} from './module.ts';
import { parseBody } from './parse-body.ts';
import { parseFunctionHeader, parseGlobalEntity } from './parse-global.ts';
import { TypeTable } from './parse-type.ts';
import type { Scope } from './parse-value.ts';
import { findReferences } from './references.ts';
import { skipUseListOrder } from './use-list-order.ts';

/** How `readModule` goes about it. */
export interface ReadOptions {
  /** Read every body and every metadata node at once, so that whatever is wrong with the file is found. */
  readonly eager?: boolean;
}

/**
 * Reads a module. `path` is for messages. Fails: `IrError` for a construct
 * that is not known, a file that is not whole, or one with typed pointers.
 * Cost: linear in the text, metadata and bodies being only skimmed.
 */
export function readModule(text: string, path: string, options: ReadOptions = {}): Module {
  const reader = new ModuleReader(text, path);
  const module = reader.read();
  if (options.eager === true) readAll(module, reader.metadata);
  return module;
}

function readAll(module: Module, metadata: MetadataTable): void {
  for (const definition of module.functions.values())
    if (!definition.isDeclaration) module.body(definition);
  for (const number of metadata.numbers()) {
    metadata.node(number);
    metadata.location(number);
  }
}

const WHOLE = 'is the file truncated? clang ends every module with `!llvm.ident` and its metadata';

class ModuleReader implements Module, Scope {
  readonly path: string;
  readonly c: Cursor;
  readonly types: TypeTable = new TypeTable();
  readonly metadata: MetadataTable;
  sourceFilename = '';
  targetTriple = '';
  dataLayout = parseDataLayout('');
  readonly globals: Map<string, GlobalVariable> = new Map();
  readonly functions: Map<string, FunctionDefinition> = new Map();
  readonly aliases: Map<string, Alias> = new Map();
  readonly ifuncs: Map<string, Alias> = new Map();
  readonly moduleAsm: string[] = [];
  producer = '';
  private readonly text: string;
  /** Offsets of `{` and behind `}` by function name. */
  private readonly bodyPlaces = new Map<string, readonly [number, number]>();
  private readonly bodies = new Map<FunctionDefinition, FunctionBody>();
  private readonly groups = new Map<number, readonly string[]>();
  private readonly namedMetadata = new Map<string, readonly number[]>();
  /** Where each global name is first mentioned. */
  private readonly mentions = new Map<string, number>();
  private readonly groupsOf: [{ attributes: readonly string[] }, readonly number[]][] = [];
  private lineOffset = 0;
  private line = 1;

  constructor(text: string, path: string) {
    this.text = text;
    this.path = path;
    this.metadata = new MetadataTable(path, text, (c) => this.metadataScope(c));
    this.c = new Cursor(path, text);
  }

  get structs(): Module['structs'] {
    return this.types.structs;
  }

  read(): Module {
    const { c, path, text } = this;
    if (text.trim() === '') throw new IrError(path, 0, 'the file is empty', '', WHOLE);
    while (c.kind !== END) this.entity();
    this.checkWhole();
    this.types.finish(path, text);
    for (const [name, offset] of this.mentions)
      if (!this.isGlobal(name))
        throw errorAt(path, text, offset, `\`@${name}\` is used but not declared`);
    for (const [definition, groups] of this.groupsOf)
      definition.attributes = definition.attributes.concat(
        groups.flatMap((group) => this.groups.get(group) ?? []),
      );
    this.producer = this.readProducer();
    this.refuseOldClang();
    return this;
  }

  local(): never {
    throw this.c.fail('a local value outside of a function');
  }

  mention(name: string): void {
    if (!this.mentions.has(name)) this.mentions.set(name, this.c.start);
  }

  body(definition: FunctionDefinition): FunctionBody {
    const known = this.bodies.get(definition);
    if (known !== undefined) return known;
    const place = this.bodyPlaces.get(definition.name);
    if (place === undefined || this.functions.get(definition.name) !== definition)
      throw new IrError(this.path, definition.line, `@${definition.name} has no body here`, '');
    const c = new Cursor(this.path, this.text, place[0], place[1]);
    c.expect('{');
    const scope = new FunctionScope(c, this.types, (name) => this.isGlobal(name));
    const body = parseBody(scope, definition, this.metadata);
    this.types.finish(this.path, this.text);
    this.bodies.set(definition, body);
    return body;
  }

  location(debug: number): SourceLocation | null {
    return this.metadata.location(debug);
  }

  private isGlobal(name: string): boolean {
    return (
      this.functions.has(name) ||
      this.globals.has(name) ||
      this.aliases.has(name) ||
      this.ifuncs.has(name)
    );
  }

  /** The scope of metadata nodes outside of functions: as this module, at another cursor. */
  private metadataScope(c: Cursor): Scope {
    return {
      c,
      types: this.types,
      local: () => {
        throw c.fail('a local value outside of a function');
      },
      mention: (name) => {
        if (!this.isGlobal(name)) throw c.fail(`\`@${name}\` is used but not declared`);
      },
    };
  }

  /** One thing at the top level. */
  private entity(): void {
    const { c } = this;
    if (c.kind === NODE) this.node();
    else if (c.kind === METADATA_NAME) this.named();
    else if (c.kind === GLOBAL) this.global();
    else if (c.kind === LOCAL) this.struct();
    else if (c.kind === COMDAT) this.comdat();
    else if (c.is('define') || c.is('declare')) this.function(c.is('declare'));
    else if (c.is('attributes')) this.attributeGroup();
    else if (c.is('target')) this.target();
    else if (c.is('source_filename')) {
      c.next();
      c.expect('=');
      this.sourceFilename = c.expectString();
    } else if (c.is('module')) {
      c.next();
      c.expectWord('asm');
      this.moduleAsm.push(c.expectString());
    } else if (c.is('uselistorder') || c.is('uselistorder_bb')) skipUseListOrder(this);
    else throw c.unexpected('a definition, a declaration or metadata');
  }

  private struct(): void {
    const { c } = this;
    const name = c.value;
    const { start } = c;
    c.next();
    c.expect('=');
    this.types.define(c, name, start);
  }

  /** `$name = comdat any`: how copies in several object files are told apart. There is one program here. */
  private comdat(): void {
    const { c } = this;
    c.next();
    c.expect('=');
    c.expectWord('comdat');
    c.expectKind(WORD, 'how copies are told apart');
  }

  private target(): void {
    const { c } = this;
    c.next();
    if (c.accept('triple')) {
      c.expect('=');
      this.targetTriple = c.expectString();
      return;
    }
    c.expectWord('datalayout');
    c.expect('=');
    const start = c.start;
    const text = c.expectString();
    try {
      this.dataLayout = parseDataLayout(text);
    } catch (error) {
      throw errorAt(this.path, this.text, start, (error as Error).message);
    }
  }

  /** The 1-based line of `offset`. Requires: offsets that never go down. */
  private lineOf(offset: number): number {
    for (;;) {
      const newline = this.text.indexOf('\n', this.lineOffset);
      if (newline < 0 || newline >= offset) return this.line;
      this.lineOffset = newline + 1;
      this.line++;
    }
  }

  private global(): void {
    const { c } = this;
    const name = c.value;
    const line = this.lineOf(c.start);
    this.refuseTwice(name);
    c.next();
    c.expect('=');
    const entity = parseGlobalEntity(this, name, line);
    if (entity.kind === 'variable') this.globals.set(name, entity.variable);
    else (entity.kind === 'alias' ? this.aliases : this.ifuncs).set(name, entity.alias);
  }

  private refuseTwice(name: string): void {
    if (this.isGlobal(name)) throw this.c.fail(`\`@${name}\` is defined twice`);
  }

  private function(isDeclaration: boolean): void {
    const { c } = this;
    const { start } = c;
    c.next();
    const { attributes, ...header } = parseFunctionHeader(this);
    if (this.isGlobal(header.name))
      throw errorAt(this.path, this.text, start, `\`@${header.name}\` is defined twice`);
    const definition = {
      ...header,
      attributes: attributes.words,
      isDeclaration,
      line: this.lineOf(start),
    };
    this.groupsOf.push([definition, attributes.groups]);
    this.functions.set(header.name, definition);
    if (!isDeclaration) this.skipBody(header.name);
  }

  /** Passes over a body. LLVM writes its `}`, and no other, at the start of a line. */
  private skipBody(name: string): void {
    const { c, text } = this;
    const open = c.start;
    if (c.kind !== 0x7b) throw c.unexpected('`{`');
    const close = text.indexOf('\n}', open);
    const next = text.indexOf('\ndefine ', open);
    if (close < 0 || (next >= 0 && next < close))
      throw errorAt(this.path, text, open, `the body of \`@${name}\` has no end`, WHOLE);
    this.bodyPlaces.set(name, [open, close + 2]);
    c.jump(close + 2);
  }

  private attributeGroup(): void {
    const { c } = this;
    c.next();
    const number = Number(c.expectKind(ATTRIBUTES, 'the number of an attribute group'));
    c.expect('=');
    c.expect('{');
    this.groups.set(number, parseFunctionAttributes(c, true).words);
    if (c.kind !== 0x7d) throw unknownAttribute(c);
    c.next();
  }

  /** `!12 = ...`: noted, not read. */
  private node(): void {
    const { c, text } = this;
    const number = Number(c.value);
    const { start } = c;
    c.next();
    if (!this.metadata.add(number, c.end))
      throw c.fail(`metadata node !${number} is defined twice`);
    c.expect('=');
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    c.jump(end);
    // A cut within the last line of a file leaves no other trace than a node that has no end.
    if (c.kind === END) this.metadata.node(number);
  }

  /** `!llvm.ident = !{!12, ...}`. */
  private named(): void {
    const { c } = this;
    const name = c.value;
    const numbers: number[] = [];
    this.namedMetadata.set(name, numbers);
    c.next();
    c.expect('=');
    c.expect('!');
    c.expect('{');
    if (c.take('}')) return;
    do {
      // Other than nodes, only `!DIExpression()` may stand here.
      if (c.kind === METADATA_NAME) {
        c.next();
        c.expect('(');
        c.expect(')');
      } else numbers.push(Number(c.expectKind(NODE, 'the number of a metadata node')));
    } while (c.take(','));
    c.expect('}');
  }

  private checkWhole(): void {
    const { path, text } = this;
    for (const name of ['llvm.module.flags', 'llvm.ident'])
      if (!this.namedMetadata.has(name))
        throw errorAt(path, text, text.trimEnd().length, `the module has no \`!${name}\``, WHOLE);
    const { nodes, groups } = findReferences(path, text);
    nodes.forEach((offset, number) => {
      if (!this.metadata.has(number))
        throw errorAt(path, text, offset, `metadata node !${number} is not defined`, WHOLE);
    });
    groups.forEach((offset, number) => {
      if (!this.groups.has(number))
        throw errorAt(path, text, offset, `attribute group #${number} is not defined`, WHOLE);
    });
  }

  /** Refuses a clang that writes typed pointers, even where they are only in bodies, which are read later. */
  private refuseOldClang(): void {
    const version = /clang version (\d+)/.exec(this.producer);
    if (version !== null && Number(version[1]) < 15)
      throw new IrError(this.path, 0, typedPointerProblem(this.producer), '', TYPED_POINTER_HINT);
  }

  /** The string of `!llvm.ident`. */
  private readProducer(): string {
    const [number] = this.namedMetadata.get('llvm.ident') ?? [];
    const ident = number === undefined ? undefined : this.metadata.node(number).operands[0];
    return ident?.kind === 'string' ? ident.text : '';
  }
}
