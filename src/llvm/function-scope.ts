/**
 * The names inside one function. Locals and blocks may be used before they
 * are defined: a local is one shared object whose index is filled in at its
 * definition; a block gets a provisional number at the first mention, which
 * `blockOrder` turns into its place among the blocks.
 */

import { type Cursor, LOCAL } from './cursor.ts';
import { errorAt } from './error.ts';
import type { Type, Value } from './module.ts';
import type { TypeTable } from './parse-type.ts';
import type { Scope } from './parse-value.ts';
import { printType, sameType } from './types.ts';

type Local = { kind: 'local'; type: Type; index: number };

export class FunctionScope implements Scope {
  readonly c: Cursor;
  readonly types: TypeTable;
  /** Types and names by local index. */
  readonly localTypes: Type[] = [];
  readonly localNames: string[] = [];
  private readonly locals = new Map<string, Local>();
  /** Where locals that are still without a definition were first used. */
  private readonly undefinedAt = new Map<string, number>();
  private readonly blockNumbers = new Map<string, number>();
  /** By provisional number: where the block was first mentioned, and its place, -1 until it is met. */
  private readonly blockMentions: number[] = [];
  private readonly blockPlaces: number[] = [];
  private readonly isGlobal: (name: string) => boolean;
  /** The number that the next unnamed local or block gets. */
  private nextNumber = 0;

  constructor(c: Cursor, types: TypeTable, isGlobal: (name: string) => boolean) {
    this.c = c;
    this.types = types;
    this.isGlobal = isGlobal;
  }

  local(type: Type): Value {
    const { c } = this;
    const name = c.value;
    let local = this.locals.get(name);
    if (local === undefined) {
      local = { kind: 'local', type, index: -1 };
      this.locals.set(name, local);
      this.undefinedAt.set(name, c.start);
    } else if (!sameType(local.type, type)) throw this.conflict(name, local.type, type);
    c.next();
    return local;
  }

  mention(name: string): void {
    if (!this.isGlobal(name)) throw this.c.fail(`\`@${name}\` is used but not declared`);
  }

  /** Makes the next local: `name`, or the next number where it is null. Returns its index. */
  define(name: string | null, type: Type): number {
    const given = name ?? String(this.nextNumber);
    this.count(given);
    const index = this.localTypes.length;
    this.localTypes.push(type);
    this.localNames.push(given);
    const local = this.locals.get(given);
    if (local === undefined) {
      this.locals.set(given, { kind: 'local', type, index });
      return index;
    }
    if (local.index >= 0) throw this.c.fail(`\`%${given}\` is defined twice`);
    if (!sameType(local.type, type)) throw this.conflict(given, local.type, type);
    local.index = index;
    this.undefinedAt.delete(given);
    return index;
  }

  /** The value of a local by its name, for what is known only after the whole body. */
  find(name: string): Value | null {
    return this.locals.get(name) ?? null;
  }

  /** Takes `label %name`; the result is a provisional number. */
  blockOperand(): number {
    this.c.expectWord('label');
    return this.blockName();
  }

  /** Takes `%name` as the name of a block. */
  blockName(): number {
    const { c } = this;
    const start = c.start;
    return this.blockNumber(c.expectKind(LOCAL, 'the name of a block'), start);
  }

  private blockNumber(name: string, offset: number): number {
    const known = this.blockNumbers.get(name);
    if (known !== undefined) return known;
    const number = this.blockMentions.length;
    this.blockNumbers.set(name, number);
    this.blockMentions.push(offset);
    this.blockPlaces.push(-1);
    return number;
  }

  /** Starts the block at `place`: `name`, or the next number where it is null. Returns the name. */
  startBlock(name: string | null, place: number): string {
    const given = name ?? String(this.nextNumber);
    this.count(given);
    const number = this.blockNumber(given, this.c.start);
    if (this.blockPlaces[number] >= 0) throw this.c.fail(`block \`%${given}\` is defined twice`);
    this.blockPlaces[number] = place;
    return given;
  }

  private count(name: string): void {
    if (/^\d+$/.test(name)) this.nextNumber = Number(name) + 1;
  }

  /** Places by provisional number. Fails where a block or a local has no definition. */
  finish(): readonly number[] {
    const { path, text } = this.c;
    for (const [name, offset] of this.undefinedAt)
      throw errorAt(path, text, offset, `\`%${name}\` is used but not defined`);
    for (const [name, number] of this.blockNumbers)
      if (this.blockPlaces[number] < 0)
        throw errorAt(path, text, this.blockMentions[number], `there is no block \`%${name}\``);
    return this.blockPlaces;
  }

  private conflict(name: string, one: Type, other: Type): Error {
    return this.c.fail(
      `\`%${name}\` has the type ${printType(one)} in one place and ${printType(other)} in another`,
    );
  }
}
