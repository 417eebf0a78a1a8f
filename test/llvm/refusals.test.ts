import { describe, expect, test } from 'vitest';
import { IrError } from '../../src/llvm/error.ts';
import { readModule } from '../../src/llvm/reader.ts';
import { bodyOf, moduleOf, whole } from './text.ts';

function refusal(read: () => unknown): IrError {
  try {
    read();
  } catch (error) {
    if (error instanceof IrError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

describe('an instruction that is not known, or not well formed', () => {
  test.each([
    ['%x = frobnicate i32 %n, 1', /unknown instruction `frobnicate`/],
    ['invoke void @g() to label %a unwind label %b', /unknown instruction `invoke`/],
    ['%x = add i32 %n, 1 %n', /expected `=`, found `ret`/],
    ['%x = add fancy i32 %n, 1', /expected a type, found `fancy`/],
    ['%x = load atomic i32, ptr %p syncscope("agent") acquire, align 4', /syncscope/],
    ['%x = load atomic i32, ptr %p, align 4', /expected a memory ordering/],
    ['%x = load i32, i32 %n', /an address of type i32/],
    ['%x = atomicrmw fadd ptr %p, float 1.0 seq_cst', /`atomicrmw fadd` is not supported/],
    ['%x = add i32 %n, 4294967296', /4294967296 does not fit in i32/],
    ['%x = add i8 -129, 0', /-129 does not fit in i8/],
    ['%x = add i32 %n, 1.5', /expected a value of type i32, found `1.5`/],
    ['%x = add i32 %n, null', /expected a value of type i32, found `null`/],
    ['%x = add i32 %missing, 1', /`%missing` is used but not defined/],
    ['%x = add i64 %n, 1', /`%n` has the type i32 in one place and i64 in another/],
    ['%x = load i32, ptr @missing', /`@missing` is used but not declared/],
    ['br label %missing', /expected a label: the block has ended/],
    ['%n = add i32 1, 2', /`%n` is defined twice/],
    ['%x = store i32 %n, ptr %p', /no result to be named/],
    ['%x = extractvalue { i8, i32 } undef, 2', /\{ i8, i32 \} has no field 2/],
    ['%x = add [2 x i8] [i8 1], [i8 2]', /1 elements, but \[2 x i8\] has 2/],
    ['%x = extractvalue [2 x i8] [i8 1, i16 2], 0', /element 1 does not fit in \[2 x i8\]/],
    ['%x = extractvalue [2 x i8] c"abc", 0', /the string has 3 bytes and its type 2/],
    ['call void @g(ptr shiny %p)', /expected a value of type ptr, found `shiny`/],
    ['call void @g(ptr %p) sparkling', /unknown instruction `sparkling`/],
    ['%x = call i32 (ptr) @g()', /0 arguments for 1 parameters/],
    ['call void asm unwind "", ""()', /unwinds is not supported/],
    ['#dbg_surprise(ptr %p)', /unknown debug record `#dbg_surprise`/],
    ['ret void\n  ret void', /expected a label: the block has ended/],
    ['%x = add %struct.unheard %n, 1', /%n/],
    ['%x = alloca %struct.unheard', /type `%struct.unheard` is used but not defined/],
    ['%x = alloca i0', /expected a type, found `i0`/],
    ['%x = add i32 %n, "text', /string without an end/],
    ['%x = add i32 %n, 1, !range', /expected a type|expected metadata|ret/],
    ['%x = load i32, ptr %p, !range !90', /no integer/],
    ['%x = add i32 %n, ?', /unknown token `\?`/],
  ])('%s', (line, message) => {
    const error = refusal(() => bodyOf(`  ${line}\n  ret void`));
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^hand\.ll:\d+: /);
    expect(error.text).not.toBe('');
  });

  test('the message has the file, the line, the text and what to do', () => {
    const error = refusal(() => bodyOf('  %x = frobnicate i32 %n, 1\n  ret void'));
    expect(error).toMatchObject({ path: 'hand.ll', line: 4, text: '%x = frobnicate i32 %n, 1' });
    expect(error.message).toBe(
      'hand.ll:4: unknown instruction `frobnicate`\n    %x = frobnicate i32 %n, 1\n  the reader knows what clang 19 to 22 emit for C',
    );
  });

  test('a branch to nowhere', () => {
    expect(refusal(() => bodyOf('  br label %missing')).message).toMatch(
      /there is no block `%missing`/,
    );
  });

  test('a block that ends without a last instruction', () => {
    expect(refusal(() => bodyOf('  %x = add i32 1, 2')).message).toMatch(/without a last/);
    expect(refusal(() => bodyOf('  fence seq_cst\na:\n  ret void')).message).toMatch(/no last/);
    expect(refusal(() => bodyOf('')).message).toMatch(/without a last/);
  });
});

describe('the top level', () => {
  test.each([
    ['@x = mighty global i32 0', /expected `global`, found `mighty`/],
    ['@x = global i32', /expected a value of type i32, found `!llvm.module.flags`/],
    ['@x = global i32 0, shape "round"', /expected `section`, `align`, `comdat` or metadata/],
    ['@x = global i32 0\n@x = global i32 0', /`@x` is defined twice/],
    ['@x = global ptr @y', /`@y` is used but not declared/],
    ['@x = global i32 %y', /local value outside of a function/],
    ['@x = global %struct.s zeroinitializer', /type `%struct.s` is used but not defined/],
    ['%s = type { i8 }\n%s = type { i8 }', /type `%s` is defined twice/],
    ['%s = type i32', /is not a struct/],
    ['target datalayout = "e-q:8"', /unknown part `q:8` of the data layout/],
    ['target weather = "fine"', /expected `datalayout`/],
    ['declare void @f() glossy', /unknown attribute `glossy`/],
    ['declare void @f(ptr glossy)', /unknown attribute `glossy`/],
    ['declare void @f(ptr inalloca(i8))', /`inalloca` is not supported/],
    ['attributes #0 = { glossy }', /unknown attribute `glossy`/],
    ['declare void @f() #4', /attribute group #4 is not defined/],
    ['!7 = !{}\n!7 = !{}', /!7 is defined twice/],
    ['!7 = !{!8}', /metadata node !8 is not defined/],
    ['!7 = !DIFile(filename: "a", filename: "b")', /field `filename` is given twice/],
    ['!7 = !{!90} !{}', /expected the end of the line/],
    ['^0 = module: ()', /unknown token `\^`[\s\S]*compile without -flto/],
    ['wholly unheard of', /expected a definition, a declaration or metadata/],
  ])('%s', (line, message) => {
    expect(refusal(() => moduleOf(`${line}\n`)).message).toMatch(message);
  });

  test('an unknown attribute says where to add it', () => {
    const error = refusal(() => moduleOf('declare void @f() glossy\n'));
    expect(error.hint).toMatch(/src\/llvm\/attributes\.ts/);
  });
});

describe('a clang that is too old', () => {
  const old = 'Debian clang version 14.0.6';
  const tail = `!llvm.module.flags = !{!0}\n!llvm.ident = !{!1}\n!0 = !{i32 1, !"wchar_size", i32 4}\n!1 = !{!"${old}"}\n`;

  test.each([
    '@x = global i8* null\n',
    '%struct.a = type { i32, %struct.a* }\n',
    'define i32 @f(i32* %p) {\n  %x = load i32, i32* %p\n  ret i32 %x\n}\n',
    '@x = global [1 x i32 (i32)*] zeroinitializer\n',
  ])('typed pointers: %s', (text) => {
    const error = refusal(() => readModule(text + tail, 'old.ll'));
    expect(error.message).toMatch(/^old\.ll:1: typed pointers are not supported/);
    expect(error.message).toMatch(/made by Debian clang version 14\.0\.6/);
    expect(error.message).toMatch(/opaque pointers .* clang 15 or newer/);
  });

  test('also where only bodies have them, which are read later', () => {
    const text = 'define void @f() {\n  %x = alloca i8*\n  ret void\n}\n';
    expect(refusal(() => readModule(text + tail, 'old.ll')).message).toMatch(/typed pointers/);
  });
});

describe('a file that is not whole', () => {
  test('no end at all', () => {
    const error = refusal(() => readModule('define void @f() {\n  ret void\n}\n', 'cut.ll'));
    expect(error.message).toMatch(/no `!llvm.module.flags`[\s\S]*is the file truncated\?/);
    expect(refusal(() => readModule('\n', 'cut.ll')).message).toMatch(/the file is empty/);
  });

  test('a body that runs into the next function', () => {
    const text = 'define void @f() {\n  ret void\ndefine void @g() {\n  ret void\n}\n';
    expect(refusal(() => readModule(whole(text), 'cut.ll')).message).toMatch(
      /the body of `@f` has no end/,
    );
  });

  test('numbers in strings and comments are no references', () => {
    expect(moduleOf('@x = constant [6 x i8] c"!77#8\\00" ; !99 #99\n').globals.size).toBe(1);
  });
});
