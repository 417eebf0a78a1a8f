/**
 * The lexer of textual LLVM IR: one token at a time over the whole file's
 * string, by character codes. It knows the shape of tokens and nothing of
 * what they mean. A token that stands for one character has that character's
 * code as its kind, so all other kinds lie below 32.
 */

import { errorAt } from './error.ts';

export const END = 0;
/** A bare word: a keyword, a type such as `i32`, a flag. */
export const WORD = 1;
export const INTEGER = 2;
/** Decimal with a point, or hexadecimal (`0x`, `0xK`, `f0x`), or `+inf` and its kin. */
export const FLOAT = 3;
/** `%name`, `%12`, `%"quoted"`. */
export const LOCAL = 4;
/** `@name`. */
export const GLOBAL = 5;
export const STRING = 6;
/** `c"..."`. */
export const BYTES = 7;
/** A word, a number or a string with `:` behind it: a block, or a field of a metadata node. */
export const LABEL = 8;
/** `!12`. */
export const NODE = 9;
/** `!dbg`, `!DILocation`. */
export const METADATA_NAME = 10;
/** `#12`. */
export const ATTRIBUTES = 11;
/** `#dbg_value`. */
export const RECORD = 12;
/** `$name`. */
export const COMDAT = 13;
/** `...`. */
export const ELLIPSIS = 14;

// Character classes, as bits.
const NAME = 1;
const DIGIT = 2;
const SPACE = 4;
const HEX = 8;
const CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[-a-zA-Z$._0-9]/.test(char)) CLASS[code] |= NAME;
  if (/[0-9]/.test(char)) CLASS[code] |= DIGIT;
  if (/[ \t\r\n]/.test(char)) CLASS[code] |= SPACE;
  if (/[0-9a-fA-F]/.test(char)) CLASS[code] |= HEX;
}
const PUNCTUATION = new Set([...'!(){}[]<>,=*|'].map((char) => char.charCodeAt(0)));

const QUOTE = 0x22;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const CARET = 0x5e;

/** Bytes that a quoted text stands for: `\5C` is one byte, `\\` a backslash, the rest as it is. */
export function decodeBytes(quoted: string): Uint8Array {
  const bytes = quoted.includes('\\') ? decodeEscapes(quoted) : quoted;
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) out[at] = bytes.charCodeAt(at);
  return out;
}

/** One character per byte. A file is read as UTF-8, but LLVM writes every byte above 126 as an escape. */
function decodeEscapes(quoted: string): string {
  return quoted.replace(/\\(?:([0-9a-fA-F]{2})|\\)/g, (_, hex: string | undefined) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The text that a quoted text stands for, its bytes taken as UTF-8. */
export function decodeText(quoted: string): string {
  return quoted.includes('\\') ? new TextDecoder().decode(decodeBytes(quoted)) : quoted;
}

/** A place in the text, with the token that starts there. Made with the first token read. */
export class Cursor {
  readonly path: string;
  readonly text: string;
  private readonly limit: number;
  /** Where reading goes on after the present token. */
  private at: number;
  kind: number = END;
  /** The token's place in the text, prefix and quotes included. */
  start: number = 0;
  /** Where the token before this one ended. */
  previousEnd: number = 0;
  /** The part of the token that carries its name or its digits: without `%`, quotes, `:`. */
  private innerStart = 0;
  private innerEnd = 0;
  private quoted = false;

  constructor(path: string, text: string, start = 0, limit: number = text.length) {
    this.path = path;
    this.text = text;
    this.at = start;
    this.limit = limit;
    this.next();
  }

  /** The token's name, digits or text, as written (escapes of quoted names decoded, those of strings not). */
  get value(): string {
    const inner = this.text.slice(this.innerStart, this.innerEnd);
    return this.quoted ? decodeText(inner) : inner;
  }

  /** The first offset behind the present token. */
  get end(): number {
    return this.at;
  }

  /** Goes on reading at `offset`, which must not lie within a token. */
  jump(offset: number): void {
    this.at = offset;
    this.next();
  }

  next(): void {
    this.previousEnd = this.at;
    this.skipSpace();
    this.start = this.at;
    this.quoted = false;
    if (this.at >= this.limit) {
      this.kind = END;
      this.innerStart = this.innerEnd = this.at;
      return;
    }
    const code = this.text.charCodeAt(this.at);
    const kind = code < 128 ? CLASS[code] : 0;
    if (kind & DIGIT) this.number();
    else if (kind & NAME || code === PLUS) this.word(code);
    else this.symbol(code);
  }

  /** Is the present token the word `word`? Compared in place: no string is made. */
  is(word: string): boolean {
    return (
      this.kind === WORD &&
      this.innerEnd - this.innerStart === word.length &&
      this.text.startsWith(word, this.innerStart)
    );
  }

  /** Is `char` the next character behind the present token, spaces left out? */
  nextIs(char: string): boolean {
    let at = this.at;
    while (at < this.limit && this.text.charCodeAt(at) === 0x20) at++;
    return at < this.limit && this.text.charAt(at) === char;
  }

  /** Does the present token start its line? */
  atLineStart(): boolean {
    return this.start === 0 || this.text.charCodeAt(this.start - 1) === 0x0a;
  }

  /** Takes the word if it is the present token. */
  accept(word: string): boolean {
    if (!this.is(word)) return false;
    this.next();
    return true;
  }

  /** Takes the punctuation if it is the present token. */
  take(char: string): boolean {
    if (this.kind !== char.charCodeAt(0)) return false;
    this.next();
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) throw this.unexpected(`\`${char}\``);
  }

  expectWord(word: string): void {
    if (!this.accept(word)) throw this.unexpected(`\`${word}\``);
  }

  /** Takes a token of `kind` and returns its value. */
  expectKind(kind: number, what: string): string {
    if (this.kind !== kind) throw this.unexpected(what);
    const value = this.value;
    this.next();
    return value;
  }

  expectInteger(): number {
    const value = Number(this.expectKind(INTEGER, 'a number'));
    if (!Number.isSafeInteger(value)) throw this.fail('number too large');
    return value;
  }

  /** Takes a string and returns its text, escapes decoded. */
  expectString(): string {
    return this.expectKind(STRING, 'a string in quotes');
  }

  /** An error about the present token, to be thrown. */
  fail(problem: string, hint = ''): Error {
    return errorAt(this.path, this.text, Math.min(this.start, this.limit), problem, hint);
  }

  /** An error that says what should have stood here. */
  unexpected(wanted: string): Error {
    const found =
      this.kind === END ? 'the end of the text' : `\`${this.text.slice(this.start, this.at)}\``;
    const isCut = this.kind === END && this.limit === this.text.length;
    return this.fail(`expected ${wanted}, found ${found}`, isCut ? 'is the file truncated?' : '');
  }

  private skipSpace(): void {
    const { text, limit } = this;
    let at = this.at;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (code < 128 && CLASS[code] & SPACE) at++;
      else if (code === 0x3b) {
        const newline = text.indexOf('\n', at);
        at = newline < 0 || newline > limit ? limit : newline + 1;
      } else break;
    }
    this.at = at;
  }

  /** The offset behind the run of characters of class `mask` at `at`. */
  private run(at: number, mask: number): number {
    const { text, limit } = this;
    while (at < limit) {
      const code = text.charCodeAt(at);
      if (code >= 128 || !(CLASS[code] & mask)) break;
      at++;
    }
    return at;
  }

  private token(kind: number, innerStart: number, innerEnd: number, end: number): void {
    this.kind = kind;
    this.innerStart = innerStart;
    this.innerEnd = innerEnd;
    this.at = end;
  }

  /** Ends a word, number or string at `end`, or makes a label of it where `:` follows. */
  private labelOr(kind: number, innerStart: number, innerEnd: number, end: number): void {
    if (end < this.limit && this.text.charCodeAt(end) === COLON)
      this.token(LABEL, innerStart, innerEnd, end + 1);
    else this.token(kind, innerStart, innerEnd, end);
  }

  private number(): void {
    const { text, start } = this;
    if (text.charCodeAt(start) === 0x30 && text.charCodeAt(start + 1) === 0x78) {
      const letter = /[KLMHR]/.test(text.charAt(start + 2)) ? 3 : 2;
      const end = this.run(start + letter, HEX);
      this.token(FLOAT, start, end, end);
      return;
    }
    this.decimal(start);
  }

  /** A number whose first digit is at `digits`; a sign may stand before it. */
  private decimal(digits: number): void {
    const { text, start } = this;
    let end = this.run(digits, DIGIT);
    if (text.charCodeAt(end) === DOT && this.text.charCodeAt(end + 1) !== DOT) {
      end = this.run(end + 1, DIGIT);
      const exponent = /[eE][-+]?\d+/y;
      exponent.lastIndex = end;
      if (exponent.test(text)) end = exponent.lastIndex;
      this.token(FLOAT, start, end, end);
      return;
    }
    if (end < this.limit && text.charCodeAt(end) !== COLON) {
      const run = this.run(end, NAME);
      // `12abc:` is a label; `12abc` alone is no token of LLVM's.
      if (run > end && text.charCodeAt(run) === COLON) end = run;
    }
    this.labelOr(INTEGER, start, end, end);
  }

  private word(code: number): void {
    const { text, start } = this;
    if (code === MINUS || code === PLUS) {
      const after = text.charCodeAt(start + 1);
      if (after < 128 && CLASS[after] & DIGIT) {
        this.decimal(start + 1);
        return;
      }
      const end = this.run(start + 1, NAME);
      const kind = /^[-+](inf|nan|qnan|snan)$/.test(text.slice(start, end)) ? FLOAT : WORD;
      if (code === PLUS && kind === WORD) throw this.fail('unknown token `+`');
      this.labelOr(kind, start, end, end);
      return;
    }
    if (code === DOT && text.startsWith('...', start)) {
      this.token(ELLIPSIS, start, start + 3, start + 3);
      return;
    }
    if (code === 0x24) {
      this.name(COMDAT);
      return;
    }
    if (code === 0x63 && text.charCodeAt(start + 1) === QUOTE) {
      this.string(start + 1, BYTES);
      return;
    }
    const end = this.run(start, NAME);
    const kind = code === 0x66 && /^f0x[0-9a-fA-F]+$/.test(text.slice(start, end)) ? FLOAT : WORD;
    this.labelOr(kind, start, end, end);
  }

  private symbol(code: number): void {
    const { text, start } = this;
    if (code === 0x25) this.name(LOCAL);
    else if (code === 0x40) this.name(GLOBAL);
    else if (code === QUOTE) this.string(start, STRING);
    else if (code === 0x23) {
      const digits = this.run(start + 1, DIGIT);
      const end = this.run(start + 1, NAME);
      if (end === start + 1) throw this.fail('unknown token `#`');
      this.token(digits === end ? ATTRIBUTES : RECORD, start + 1, end, end);
    } else if (code === 0x21) this.bang();
    else if (PUNCTUATION.has(code)) this.token(code, start, start + 1, start + 1);
    else {
      const hint =
        code === CARET ? 'a summary for link-time optimisation: compile without -flto' : '';
      const char = String.fromCodePoint(text.codePointAt(start) ?? 0);
      throw this.fail(`unknown token \`${char}\``, hint);
    }
  }

  private bang(): void {
    const { text, start } = this;
    const digits = this.run(start + 1, DIGIT);
    let end = this.run(start + 1, NAME);
    while (text.charCodeAt(end) === BACKSLASH) end = this.run(end + 1, NAME);
    if (end === start + 1) this.token(0x21, start, end, end);
    else this.token(digits === end ? NODE : METADATA_NAME, start + 1, end, end);
  }

  /** A name behind a one-character prefix, plain or quoted. */
  private name(kind: number): void {
    const { text, start } = this;
    if (text.charCodeAt(start + 1) === QUOTE) {
      this.string(start + 1, kind);
      return;
    }
    const end = this.run(start + 1, NAME);
    if (end === start + 1) throw this.fail(`a name is missing behind \`${text.charAt(start)}\``);
    this.token(kind, start + 1, end, end);
  }

  /** A quoted text that opens at `open`. `c"..."` stays as written, since it need not be text. */
  private string(open: number, kind: number): void {
    const close = this.text.indexOf('"', open + 1);
    if (close < 0 || close >= this.limit) throw this.fail('string without an end');
    this.quoted = kind !== BYTES;
    if (kind === STRING) this.labelOr(STRING, open + 1, close, close + 1);
    else this.token(kind, open + 1, close, close + 1);
  }
}
