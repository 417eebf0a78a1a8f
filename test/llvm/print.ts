/**
 * Prints instructions as LLVM does, from what the reader made of them, and
 * brings LLVM's own lines into the same form by leaving out what a module
 * does not keep (attributes, fast-math flags, metadata). If both agree, every
 * operand, type, flag and block of every line was read as it was written.
 */

import type {
  Block,
  CallSite,
  ConstantExpression,
  FunctionBody,
  InlineAsm,
  Instruction,
  Value,
} from '../../src/llvm/module.ts';
import { printType } from '../../src/llvm/types.ts';

function printName(prefix: string, name: string): string {
  return /^[-a-zA-Z._][-a-zA-Z._0-9]*$|^\d+$/.test(name)
    ? prefix + name
    : `${prefix}"${printBytes(new TextEncoder().encode(name))}"`;
}

function printBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte >= 0x20 && byte < 0x7f && byte !== 0x22) text += String.fromCharCode(byte);
    else text += `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function printString(text: string): string {
  return `"${printBytes(new TextEncoder().encode(text))}"`;
}

/** Prints within one function, whose names give the locals and blocks theirs. */
export class Printer {
  private readonly body: FunctionBody | null;

  constructor(body: FunctionBody | null) {
    this.body = body;
  }

  value(value: Value): string {
    switch (value.kind) {
      case 'local':
        return printName('%', this.body?.localNames[value.index] ?? '?');
      case 'int':
        return printInteger(value);
      case 'float':
        return value.text;
      case 'null':
      case 'undef':
      case 'poison':
        return value.kind;
      case 'zero':
        return 'zeroinitializer';
      case 'global':
        return printName('@', value.name);
      case 'aggregate':
        return this.aggregate(value);
      case 'bytes':
        return `c"${printBytes(value.bytes)}"`;
      case 'expression':
        return this.expression(value.expression, value);
      case 'blockaddress':
        return `blockaddress(${printName('@', value.function)}, ${printName('%', value.block)})`;
      case 'asm':
        return printAsm(value.asm);
      case 'metadata':
        return value.text;
    }
  }

  typed(value: Value): string {
    return `${printType(value.type)} ${this.value(value)}`;
  }

  private aggregate(value: Extract<Value, { kind: 'aggregate' }>): string {
    const { elements, type } = value;
    const list = elements.map((element) => this.typed(element)).join(', ');
    if (type.kind === 'array') return `[${list}]`;
    if (type.kind === 'vector') {
      // The reader lets the elements of a splat share one object, and no others.
      const isSplat = elements.length > 1 && elements.every((element) => element === elements[0]);
      return isSplat ? `splat (${this.typed(elements[0])})` : `<${list}>`;
    }
    const braces = list === '' ? '{}' : `{ ${list} }`;
    return type.kind === 'struct' && type.packed ? `<${braces}>` : braces;
  }

  private expression(expression: ConstantExpression, value: Value): string {
    if (expression.op === 'getelementptr') {
      const operands = [expression.base, ...expression.indices].map((one) => this.typed(one));
      const flag = expression.inbounds ? 'inbounds ' : '';
      return `getelementptr ${flag}(${[printType(expression.source), ...operands].join(', ')})`;
    }
    if ('value' in expression)
      return `${expression.op} (${this.typed(expression.value)} to ${printType(value.type)})`;
    const left = this.typed(expression.left);
    const right = this.typed(expression.right);
    if (expression.op === 'select')
      return `select (${this.typed(expression.condition)}, ${left}, ${right})`;
    if (expression.op === 'icmp') return `icmp ${expression.predicate} (${left}, ${right})`;
    return `${expression.op} (${left}, ${right})`;
  }

  private label(block: number): string {
    return `label ${printName('%', this.body?.blocks[block].name ?? '?')}`;
  }

  private pair(left: Value, right: Value): string {
    return `${this.typed(left)}, ${this.value(right)}`;
  }

  private call(word: string, site: CallSite): string {
    const { functionType } = site;
    const type = functionType.variadic ? printType(functionType) : printType(functionType.result);
    const given = site.arguments.map((argument, at) => {
      const byval = site.byval[at];
      const element = site.elementTypes[at];
      const attributes = [
        site.noundef[at] ? 'noundef ' : '',
        byval === null ? '' : `byval(${printType(byval)}) `,
        element === null ? '' : `elementtype(${printType(element)}) `,
      ].join('');
      return `${printType(argument.type)} ${attributes}${this.value(argument)}`;
    });
    const bundles = site.bundles.map(
      ({ tag, operands }) => `"${tag}"(${operands.map((one) => this.typed(one)).join(', ')})`,
    );
    const suffix = bundles.length === 0 ? '' : ` [ ${bundles.join(', ')} ]`;
    const result = site.resultNoundef ? 'noundef ' : '';
    return `${word} ${result}${type} ${this.value(site.callee)}(${given.join(', ')})${suffix}`;
  }

  /** One line, switches and callbrs included. */
  instruction(i: Instruction): string {
    const text = this.operation(i);
    if (i.result < 0) return text;
    return `${printName('%', this.body?.localNames[i.result] ?? '?')} = ${text}`;
  }

  private operation(i: Instruction): string {
    switch (i.op) {
      case 'alloca': {
        const count = i.count === null ? '' : `, ${this.typed(i.count)}`;
        return `alloca ${printType(i.allocated)}${count}${align(i.align)}`;
      }
      case 'load':
        return `load ${access(i)}${printType(i.type)}, ${this.typed(i.pointer)}${order(i)}${align(i.align)}`;
      case 'store':
        return `store ${access(i)}${this.typed(i.value)}, ${this.typed(i.pointer)}${order(i)}${align(i.align)}`;
      case 'fence':
        return `fence ${i.syncscope === null ? '' : `syncscope("${i.syncscope}") `}${i.ordering}`;
      case 'cmpxchg': {
        const flags = `${i.weak ? 'weak ' : ''}${i.volatile ? 'volatile ' : ''}`;
        const operands = [i.pointer, i.expected, i.replacement].map((one) => this.typed(one));
        return `cmpxchg ${flags}${operands.join(', ')} ${i.success} ${i.failure}${align(i.align)}`;
      }
      case 'atomicrmw':
        return `atomicrmw ${i.volatile ? 'volatile ' : ''}${i.operation} ${this.typed(i.pointer)}, ${this.typed(i.value)} ${i.ordering}${align(i.align)}`;
      case 'getelementptr': {
        const flags = `${i.inbounds ? 'inbounds ' : ''}${i.nusw ? 'nusw ' : ''}${i.nuw ? 'nuw ' : ''}`;
        const operands = [i.base, ...i.indices].map((one) => this.typed(one));
        return `getelementptr ${flags}${[printType(i.source), ...operands].join(', ')}`;
      }
      case 'binary': {
        const flags = `${i.nuw ? 'nuw ' : ''}${i.nsw ? 'nsw ' : ''}${i.exact ? 'exact ' : ''}${i.disjoint ? 'disjoint ' : ''}`;
        return `${i.operation} ${flags}${this.pair(i.left, i.right)}`;
      }
      case 'fneg':
      case 'freeze':
        return `${i.op} ${this.typed(i.value)}`;
      case 'cast': {
        const flags = `${i.nneg ? 'nneg ' : ''}${i.nuw ? 'nuw ' : ''}${i.nsw ? 'nsw ' : ''}`;
        return `${i.operation} ${flags}${this.typed(i.value)} to ${printType(i.type)}`;
      }
      case 'icmp':
        return `icmp ${i.samesign ? 'samesign ' : ''}${i.predicate} ${this.pair(i.left, i.right)}`;
      case 'fcmp':
        return `fcmp ${i.predicate} ${this.pair(i.left, i.right)}`;
      case 'phi': {
        const incoming = i.incoming.map(
          ({ value, block }) =>
            `[ ${this.value(value)}, ${this.label(block).replace('label ', '')} ]`,
        );
        return `phi ${printType(i.type)} ${incoming.join(', ')}`;
      }
      case 'select':
        return `select ${[i.condition, i.left, i.right].map((one) => this.typed(one)).join(', ')}`;
      case 'extractvalue':
        return `extractvalue ${[this.typed(i.aggregate), ...i.indices].join(', ')}`;
      case 'insertvalue':
        return `insertvalue ${[this.typed(i.aggregate), this.typed(i.value), ...i.indices].join(', ')}`;
      case 'extractelement':
        return `extractelement ${this.typed(i.vector)}, ${this.typed(i.index)}`;
      case 'insertelement':
        return `insertelement ${[i.vector, i.value, i.index].map((one) => this.typed(one)).join(', ')}`;
      case 'shufflevector':
        return `shufflevector ${this.typed(i.left)}, ${this.typed(i.right)}, ${mask(i.mask)}`;
      case 'vaarg':
        return `va_arg ${this.typed(i.list)}, ${printType(i.type)}`;
      case 'call':
        return this.call(`${i.tail === null ? '' : `${i.tail} `}call`, i);
      case 'callbr': {
        const indirect = i.indirect.map((block) => this.label(block)).join(', ');
        return `${this.call('callbr', i)} to ${this.label(i.fallthrough)} [${indirect}]`;
      }
      case 'ret':
        return i.value === null ? 'ret void' : `ret ${this.typed(i.value)}`;
      case 'br':
        return `br ${this.label(i.target)}`;
      case 'condbr':
        return `br ${this.typed(i.condition)}, ${this.label(i.ifTrue)}, ${this.label(i.ifFalse)}`;
      case 'switch': {
        const cases = i.cases.map(({ value, target }) => {
          const literal: Value = { kind: 'int', type: i.value.type, value };
          return `${this.typed(literal)}, ${this.label(target)} `;
        });
        return `switch ${this.typed(i.value)}, ${this.label(i.otherwise)} [ ${cases.join('')}]`;
      }
      case 'indirectbr':
        return `indirectbr ${this.typed(i.address)}, [${i.targets.map((block) => this.label(block)).join(', ')}]`;
      case 'unreachable':
        return 'unreachable';
    }
  }
}

function printInteger(value: Extract<Value, { kind: 'int' }>): string {
  if (value.type.kind !== 'int') return '?';
  if (value.type.bits === 1) return value.value === 1n ? 'true' : 'false';
  return String(BigInt.asIntN(value.type.bits, value.value));
}

function printAsm(asm: InlineAsm): string {
  const flags = `${asm.sideEffect ? 'sideeffect ' : ''}${asm.alignStack ? 'alignstack ' : ''}${asm.intelDialect ? 'inteldialect ' : ''}`;
  return `asm ${flags}${printString(asm.template)}, ${printString(asm.constraints)}`;
}

function access(i: { ordering: string | null; volatile: boolean }): string {
  return `${i.ordering === null ? '' : 'atomic '}${i.volatile ? 'volatile ' : ''}`;
}

function order(i: { ordering: string | null }): string {
  return i.ordering === null ? '' : ` ${i.ordering}`;
}

function align(bytes: number): string {
  return bytes === 0 ? '' : `, align ${bytes}`;
}

function mask(elements: readonly number[]): string {
  const type = `<${elements.length} x i32>`;
  if (elements.every((element) => element === 0)) return `${type} zeroinitializer`;
  if (elements.every((element) => element < 0)) return `${type} poison`;
  return `${type} <${elements.map((one) => `i32 ${one < 0 ? 'poison' : one}`).join(', ')}>`;
}

/** All lines of a body: each block's name, then its instructions. */
export function printBody(body: FunctionBody): string[] {
  const printer = new Printer(body);
  return body.blocks.flatMap((block: Block, at) => [
    ...(at === 0 && /^\d+$/.test(block.name) ? [] : [`${printName('', block.name)}:`]),
    ...block.instructions.map((instruction) => printer.instruction(instruction)),
  ]);
}

const DROPPED = new RegExp(
  `(?<![-%@$.\\w])(?:${[
    ...'signext zeroext nonnull nocapture readonly writeonly readnone returned immarg inreg noalias'.split(
      ' ',
    ),
    ...'nofree allocptr allocalign nest writable dead_on_unwind fastcc coldcc'.split(' '),
    ...'fast nnan ninf nsz arcp contract afn reassoc'.split(' '),
    'dead_on_return',
    'dereferenceable\\(\\d+\\)',
    'dereferenceable_or_null\\(\\d+\\)',
    'captures\\([^)]*\\)',
    'initializes\\(\\([^)]*\\)\\)',
    'nofpclass\\([^)]*\\)',
    'range\\([^)]*\\)',
    'sret\\([^)]*\\)',
  ].join('|')}) `,
  'g',
);

/** A line of LLVM's without what a module does not keep. */
export function normalise(line: string): string {
  const bare = line.trim().replace(/(?:, ![a-zA-Z][\w.]* !(?:\d+|DIExpression\(\)|\{\}))+$/, '');
  // Strings stay as they are: an asm template may hold any of the words.
  const parts = bare.split(/("[^"]*")/);
  for (let at = 0; at < parts.length; at += 2) parts[at] = normaliseCode(parts[at]);
  return parts.join('').trim();
}

function normaliseCode(code: string): string {
  return code
    .replace(/\s+;.*$/, '')
    .replace(/ #\d+/g, '')
    .replace(/(?<!,) align \d+(?=[ ])/g, '')
    .replace(DROPPED, '')
    .replace(
      /getelementptr (inbounds )?(?:nusw )?(?:nuw )?(?:inrange\([^)]*\) )?\(/g,
      'getelementptr $1(',
    )
    .replace(/ +/g, ' ');
}

/** The lines of one function of a `.ll` file, by the line of its `define`, in the form of `printBody`. */
export function linesOf(fileLines: readonly string[], defineLine: number): string[] {
  const lines: string[] = [];
  let open = '';
  for (let at = defineLine; fileLines[at] !== '}'; at++) {
    const line = fileLines[at];
    if (line === '' || /^\s*#dbg_|^\s*call void @llvm\.dbg\./.test(line)) continue;
    open += open === '' ? line : ` ${line.trim()}`;
    const isOpenSwitch = /^\s*switch /.test(open) && !/\](?:, !.*)?$/.test(open);
    const isOpenCallbr = /^\s*(?:%\S+ = )?callbr /.test(open) && !/ to label %.*\]/.test(open);
    if (isOpenSwitch || isOpenCallbr) continue;
    lines.push(normalise(open));
    open = '';
  }
  return lines;
}
