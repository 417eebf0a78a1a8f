/**
 * The body of a function: blocks, instructions with their metadata, and what
 * the debug records and the older `llvm.dbg.*` calls say of its variables.
 * Neither of those is an instruction: nothing happens when they are reached.
 */

import { decodeText, END, LABEL, LOCAL, METADATA_NAME, NODE, RECORD } from './cursor.ts';
import type { FunctionScope } from './function-scope.ts';
import type { MetadataTable } from './metadata.ts';
import { type MetadataValue, parseMetadata } from './metadata-node.ts';
import type { Block, FunctionBody, FunctionDefinition, Instruction } from './module.ts';
import { addRange } from './parse-call.ts';
import { parseInstruction, resultType } from './parse-instruction.ts';
import { isTerminator, placeBlocks } from './parse-terminator.ts';
import { skipUseListOrder } from './use-list-order.ts';

const RECORDS = new Set([
  'dbg_declare',
  'dbg_declare_value',
  'dbg_value',
  'dbg_assign',
  'dbg_label',
]);

/** Reads the body of `definition`; the cursor of `f` is behind its `{` and ends behind its `}`. */
export function parseBody(
  f: FunctionScope,
  definition: FunctionDefinition,
  metadata: MetadataTable,
): FunctionBody {
  for (const parameter of definition.parameters) f.define(parameter.name, parameter.type);
  const reader = new BodyReader(f, metadata);
  return reader.read();
}

class BodyReader {
  private readonly f: FunctionScope;
  private readonly metadata: MetadataTable;
  private readonly blocks: { name: string; instructions: Instruction[] }[] = [];
  private readonly variables = new Map<number, string>();
  /** Locals that are allocas: only of these does a `dbg_assign` give the name of the whole. */
  private readonly allocas = new Set<number>();
  private readonly declarations: { local: string; variable: number; isAssign: boolean }[] = [];

  constructor(f: FunctionScope, metadata: MetadataTable) {
    this.f = f;
    this.metadata = metadata;
  }

  read(): FunctionBody {
    const { c } = this.f;
    while (!c.take('}')) {
      if (c.kind === LABEL) this.startBlock();
      else if (c.kind === RECORD) this.record();
      else if (c.is('uselistorder')) skipUseListOrder(this.f);
      else this.instruction();
    }
    if (c.kind !== END) throw c.unexpected('the end of the function');
    if (this.blocks.length === 0 || !this.isClosed())
      throw c.fail('a block without a last instruction');
    const places = this.f.finish();
    this.nameVariables();
    return {
      blocks: this.blocks.map(
        (block): Block => ({
          name: block.name,
          instructions: block.instructions.map((instruction) => placeBlocks(instruction, places)),
        }),
      ),
      locals: this.f.localTypes,
      localNames: this.f.localNames,
      variables: this.variables,
    };
  }

  /** Has the last block its terminator? */
  private isClosed(): boolean {
    const last = this.blocks.at(-1)?.instructions.at(-1);
    return last !== undefined && isTerminator(last);
  }

  private startBlock(): void {
    const { c } = this.f;
    if (this.blocks.length > 0 && !this.isClosed())
      throw c.fail('the block before this label has no last instruction');
    const name = this.f.startBlock(c.value, this.blocks.length);
    this.blocks.push({ name, instructions: [] });
    c.next();
  }

  private instruction(): void {
    const { f } = this;
    const { c } = f;
    if (this.blocks.length === 0)
      this.blocks.push({ name: f.startBlock(null, 0), instructions: [] });
    else if (this.isClosed()) throw c.unexpected('a label: the block has ended');
    const start = c.start;
    let name: string | null = null;
    if (c.kind === LOCAL) {
      name = c.value;
      c.next();
      c.expect('=');
    }
    const instruction = parseInstruction(f);
    const type = resultType(instruction);
    if (name !== null && type === null) {
      c.jump(start);
      throw c.fail('this instruction has no result to be named');
    }
    const open: { result: number; debug: number } = instruction;
    if (type !== null) open.result = f.define(name, type);
    this.attachments(instruction);
    if (instruction.op === 'alloca') this.allocas.add(instruction.result);
    if (this.isDebugCall(instruction)) return;
    this.blocks[this.blocks.length - 1].instructions.push(instruction);
  }

  /** `, !name !12` as often as it stands there. Those that are no promise about values change nothing. */
  private attachments(instruction: Instruction): void {
    const { c } = this.f;
    while (c.take(',')) {
      if (c.kind !== METADATA_NAME) throw c.unexpected('metadata');
      const name = c.value;
      c.next();
      const number = (c.kind as number) === NODE ? Number(c.value) : -1;
      parseMetadata(this.f);
      this.attach(instruction, name, number);
    }
  }

  private attach(instruction: Instruction, name: string, number: number): void {
    const open: { debug: number } = instruction;
    if (name === 'dbg') open.debug = number;
    else if (name === 'range') {
      if (instruction.op === 'load' || instruction.op === 'call' || instruction.op === 'callbr')
        addRange(instruction, this.metadata.range(number));
    } else if (name === 'noundef') {
      if (instruction.op === 'load') {
        const load: { noundef: boolean } = instruction;
        load.noundef = true;
      } else if (instruction.op === 'call' || instruction.op === 'callbr') {
        const call: { resultNoundef: boolean } = instruction;
        call.resultNoundef = true;
      }
    }
  }

  /** `#dbg_declare(ptr %x, !1, !DIExpression(), !2)` and its kin. */
  private record(): void {
    const { c } = this.f;
    const name = c.value;
    if (!RECORDS.has(name)) throw c.fail(`unknown debug record \`#${name}\``);
    c.next();
    c.expect('(');
    const operands: MetadataValue[] = [];
    const texts: string[] = [];
    do {
      const start = c.start;
      operands.push(parseMetadata(this.f));
      texts.push(c.text.slice(start, c.previousEnd));
    } while (c.take(','));
    c.expect(')');
    if (name === 'dbg_declare') this.declare(texts[0], texts[1], false);
    else if (name === 'dbg_assign') this.declare(texts[4], texts[1], true);
  }

  /** Is this a call of `llvm.dbg.*`? Then what it declares is noted. */
  private isDebugCall(instruction: Instruction): boolean {
    if (instruction.op !== 'call' || instruction.callee.kind !== 'global') return false;
    const { name } = instruction.callee;
    if (!name.startsWith('llvm.dbg.')) return false;
    const texts = instruction.arguments.map((value) =>
      value.kind === 'metadata' ? value.text : '',
    );
    if (name === 'llvm.dbg.declare') this.declare(texts[0], texts[1], false);
    else if (name === 'llvm.dbg.assign') this.declare(texts[4], texts[1], true);
    return true;
  }

  private declare(address: string, variable: string, isAssign: boolean): void {
    const local = /^ptr %(?:"([^"]*)"|(\S+))$/.exec(address);
    const node = /^!(\d+)$/.exec(variable);
    if (local === null || node === null) return;
    const name = local[2] ?? decodeText(local[1]);
    this.declarations.push({ local: name, variable: Number(node[1]), isAssign });
  }

  private nameVariables(): void {
    for (const { local, variable, isAssign } of this.declarations) {
      const value = this.f.find(local);
      if (value?.kind !== 'local' || this.variables.has(value.index)) continue;
      if (isAssign && !this.allocas.has(value.index)) continue;
      const name = this.metadata.variableName(variable);
      if (name !== null) this.variables.set(value.index, name);
    }
  }
}
