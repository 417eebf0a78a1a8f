import { describe, expect, test } from 'vitest';
import { BINARY_OPS, CAST_OPS, INT_PREDICATES, RMW_OPS } from '../../src/llvm/module.ts';
import { intType, ptrType } from '../../src/llvm/types.ts';
import { bodyOf, firstOf, moduleOf } from './text.ts';

const I32 = intType(32);

describe('memory', () => {
  test('a load carries what makes it special', () => {
    const found = firstOf(
      '%x = load atomic volatile i32, ptr %p acquire, align 4, !range !0, !noundef !1',
      '!0 = !{i32 -1, i32 7, i32 9, i32 10}\n!1 = !{}',
    );
    expect(found).toMatchObject({
      op: 'load',
      type: I32,
      volatile: true,
      ordering: 'acquire',
      align: 4,
      noundef: true,
      range: [
        [0xffffffffn, 7n],
        [9n, 10n],
      ],
    });
  });

  test('stores, fences, alloca', () => {
    expect(firstOf('store volatile i32 %n, ptr %p, align 4, !dbg !0', '!0 = !{}')).toMatchObject({
      op: 'store',
      volatile: true,
      ordering: null,
      debug: 0,
    });
    expect(firstOf('fence syncscope("singlethread") seq_cst')).toMatchObject({
      op: 'fence',
      ordering: 'seq_cst',
      syncscope: 'singlethread',
    });
    expect(firstOf('%a = alloca [3 x i8], i32 %n, align 16')).toMatchObject({
      op: 'alloca',
      count: { kind: 'local', index: 1 },
      align: 16,
    });
  });

  test('cmpxchg gives a pair, whose type is on the instruction', () => {
    expect(
      firstOf('%x = cmpxchg weak volatile ptr %p, i32 %n, i32 -1 acq_rel monotonic, align 4'),
    ).toMatchObject({
      op: 'cmpxchg',
      weak: true,
      volatile: true,
      success: 'acq_rel',
      failure: 'monotonic',
      replacement: { kind: 'int', value: 0xffffffffn },
      type: { kind: 'struct', fields: [I32, intType(1)] },
    });
  });

  test.each(RMW_OPS)('atomicrmw %s', (operation) => {
    expect(firstOf(`%x = atomicrmw ${operation} ptr %p, i32 %n seq_cst, align 4`)).toMatchObject({
      op: 'atomicrmw',
      operation,
      ordering: 'seq_cst',
      type: I32,
    });
  });

  test('getelementptr keeps its flags', () => {
    const found = firstOf('%x = getelementptr inbounds nuw { i8, i32 }, ptr %p, i64 -1, i32 1');
    expect(found).toMatchObject({ inbounds: true, nuw: true, nusw: false, type: ptrType() });
    expect(found).toMatchObject({ indices: [{ value: (1n << 64n) - 1n }, { value: 1n }] });
  });
});

describe('computation', () => {
  test.each(BINARY_OPS.filter((op) => !op.startsWith('f')))('%s', (operation) => {
    expect(firstOf(`%x = ${operation} i32 %n, 5`)).toMatchObject({ op: 'binary', operation });
  });
  test.each(BINARY_OPS.filter((op) => op.startsWith('f')))('%s', (operation) => {
    expect(firstOf(`%x = ${operation} nnan fast double 1.5e+00, 0x7FF0000000000000`)).toMatchObject(
      { op: 'binary', operation, right: { kind: 'float', text: '0x7FF0000000000000' } },
    );
  });
  test('flags that turn a result into poison are kept', () => {
    expect(firstOf('%x = shl nuw nsw i32 %n, 1')).toMatchObject({ nuw: true, nsw: true });
    expect(firstOf('%x = lshr exact i32 %n, 1')).toMatchObject({ exact: true, nuw: false });
    expect(firstOf('%x = or disjoint i32 %n, 1')).toMatchObject({ disjoint: true });
    expect(firstOf('%x = zext nneg i32 %n to i64')).toMatchObject({ op: 'cast', nneg: true });
    expect(firstOf('%x = trunc nuw nsw i32 %n to i8')).toMatchObject({ nuw: true, nsw: true });
    expect(firstOf('%x = icmp samesign ult i32 %n, 3')).toMatchObject({ samesign: true });
  });
  const FROM: Readonly<Record<string, string>> = {
    ...{ ptrtoint: 'ptr %p to i64', inttoptr: 'i32 %n to ptr', bitcast: 'i32 %n to float' },
    ...{ addrspacecast: 'ptr %p to ptr addrspace(1)', fptrunc: 'double 1.0 to float' },
    ...{ fpext: 'float 1.0 to double', fptoui: 'float 1.0 to i8', fptosi: 'float 1.0 to i8' },
    ...{ uitofp: 'i32 %n to float', sitofp: 'i32 %n to float', trunc: 'i32 %n to i1' },
  };
  test.each(CAST_OPS)('%s', (operation) => {
    const found = firstOf(`%x = ${operation} ${FROM[operation] ?? 'i32 %n to i64'}`);
    expect(found).toMatchObject({ op: 'cast', operation });
  });
  test.each(INT_PREDICATES)('icmp %s', (predicate) => {
    expect(firstOf(`%x = icmp ${predicate} i32 %n, -2147483648`)).toMatchObject({
      op: 'icmp',
      predicate,
      type: intType(1),
      right: { value: 0x80000000n },
    });
  });
  test('vectors and aggregates', () => {
    expect(
      firstOf(
        '%x = shufflevector <2 x i8> splat (i8 3), <2 x i8> poison, <3 x i32> <i32 0, i32 poison, i32 3>',
      ),
    ).toMatchObject({ mask: [0, -1, 3], type: { kind: 'vector', count: 3 } });
    expect(firstOf('%x = extractelement <2 x i8> <i8 1, i8 2>, i32 %n')).toMatchObject({
      type: intType(8),
    });
    expect(firstOf('%x = insertelement <2 x i8> undef, i8 7, i64 1')).toMatchObject({
      vector: { kind: 'undef' },
    });
    expect(firstOf('%x = extractvalue { i8, [2 x i32] } zeroinitializer, 1, 0')).toMatchObject({
      type: I32,
      indices: [1, 0],
    });
    expect(firstOf('%x = insertvalue { i8, i32 } poison, i32 %n, 1')).toMatchObject({
      aggregate: { kind: 'poison' },
      indices: [1],
    });
    expect(firstOf('%x = icmp eq <2 x i32> zeroinitializer, <i32 1, i32 2>')).toMatchObject({
      type: { kind: 'vector', element: intType(1) },
    });
  });
  test('the rest', () => {
    expect(firstOf('%x = select i1 true, i32 %n, i32 poison')).toMatchObject({ op: 'select' });
    expect(firstOf('%x = freeze i32 undef')).toMatchObject({ value: { kind: 'undef' } });
    expect(firstOf('%x = fneg double 0x3FF0000000000000')).toMatchObject({ op: 'fneg' });
    expect(firstOf('%x = fcmp uno float 1.0, 2.0')).toMatchObject({ predicate: 'uno' });
    expect(firstOf('%x = va_arg ptr %p, i64')).toMatchObject({ op: 'vaarg', type: intType(64) });
  });
});

describe('calls', () => {
  test('attributes that matter are kept, per argument and for the result', () => {
    const found = firstOf(
      'call fastcc noundef range(i32 -1, 9) i32 @g(ptr noundef byval({ i8 }) align 8 captures(none) %p, i32 signext 5) #0 [ "kcfi"(i32 42) ]',
      'attributes #0 = { nounwind memory(none) "k"="v" }',
    );
    expect(found).toMatchObject({
      op: 'call',
      tail: null,
      range: [[0xffffffffn, 9n]],
      resultNoundef: true,
      noundef: [true, false],
      byval: [{ kind: 'struct' }, null],
      bundles: [{ tag: 'kcfi', operands: [{ value: 42n }] }],
      functionType: { variadic: false, parameters: [ptrType(), I32] },
    });
  });

  test('a variadic callee is written with its type', () => {
    expect(firstOf('%x = musttail call i32 (ptr, ...) @g(ptr null, i64 7)')).toMatchObject({
      tail: 'musttail',
      functionType: { variadic: true, parameters: [ptrType()] },
      arguments: [{ kind: 'null' }, { value: 7n }],
    });
  });

  test('inline assembly: escapes decoded, what its operands point to kept', () => {
    const found = firstOf(
      'call void asm sideeffect alignstack inteldialect "a\\22b\\\\c\\0A$0", "=*m,r"(ptr elementtype(i16) %p, i32 %n)',
    );
    expect(found).toMatchObject({
      callee: {
        kind: 'asm',
        asm: {
          template: 'a"b\\c\n$0',
          constraints: '=*m,r',
          sideEffect: true,
          alignStack: true,
          intelDialect: true,
        },
      },
      elementTypes: [intType(16), null],
    });
  });

  test('a metadata operand stays text', () => {
    expect(firstOf('%x = call i64 @h(metadata !"sp")', 'declare i64 @h(metadata)')).toMatchObject({
      arguments: [{ kind: 'metadata', text: '!"sp"' }],
    });
  });
});

describe('control flow', () => {
  test('blocks are numbered as they stand, whatever order they are named in', () => {
    const body = bodyOf(`
  %c = icmp eq i32 %n, 0
  br i1 %c, label %last, label %"the middle"

"the middle":                                     ; preds = %0
  switch i32 %n, label %last [
    i32 -1, label %jump
    i32 7, label %"the middle"
  ]

jump:
  indirectbr ptr %p, [label %last, label %"the middle"]

last:
  %x = phi i32 [ 1, %0 ], [ %n, %"the middle" ], [ %y, %jump ]
  %y = callbr i32 asm sideeffect "", "=r,!i"()
          to label %end [label %last]

end:
  unreachable`);
    expect(body.blocks.map((block) => block.name)).toEqual([
      '0',
      'the middle',
      'jump',
      'last',
      'end',
    ]);
    expect(body.blocks[0].instructions[1]).toMatchObject({ op: 'condbr', ifTrue: 3, ifFalse: 1 });
    expect(body.blocks[1].instructions[0]).toMatchObject({
      cases: [
        { value: 0xffffffffn, target: 2 },
        { value: 7n, target: 1 },
      ],
      otherwise: 3,
    });
    expect(body.blocks[2].instructions[0]).toMatchObject({ targets: [3, 1] });
    expect(body.blocks[3].instructions).toMatchObject([
      { incoming: [{ block: 0 }, { block: 1 }, { block: 2, value: { kind: 'local', index: 4 } }] },
      { fallthrough: 4, indirect: [3] },
    ]);
    expect(body.localNames).toEqual(['p', 'n', 'c', 'x', 'y']);
  });

  test('numbers of unnamed parameters, blocks and results are one count', () => {
    const module = moduleOf(
      'define i32 @f(i32, i32 %x, i32) {\n  %3 = add i32 %0, %1\n  ret i32 %3\n}\n',
    );
    const body = module.body(module.functions.get('f')!);
    expect(body.localNames).toEqual(['0', 'x', '1', '3']);
    expect(body.blocks[0].name).toBe('2');
  });
});

describe('variables of the source', () => {
  const node = '!1 = !DILocalVariable(name: "mine", scope: !2)\n!2 = !{}';
  test.each([
    '#dbg_declare(ptr %a, !1, !DIExpression(), !2)',
    'call void @llvm.dbg.declare(metadata ptr %a, metadata !1, metadata !DIExpression()), !dbg !2',
    '#dbg_assign(i1 undef, !1, !DIExpression(), !2, ptr %a, !DIExpression(), !2)',
  ])('%s', (line) => {
    const more = `${node}\ndeclare void @llvm.dbg.declare(metadata, metadata, metadata)`;
    const body = bodyOf(`  %a = alloca i32\n    ${line}\n  ret void`, more);
    expect([...body.variables]).toEqual([[2, 'mine']]);
    expect(body.blocks[0].instructions.map(({ op }) => op)).toEqual(['alloca', 'ret']);
  });
});

describe('the top level', () => {
  const module = moduleOf(`
source_filename = "dir/a \\22b\\22.c"
target datalayout = "E-m:e-p:32:32-i64:32"
target triple = "s390x-linux-gnu"
module asm "\\09.globl x"
module asm "x = 1"

%struct.a = type { i8, %struct.b, ptr }
%struct.b = type <{ i16, [2 x %"odd name"] }>
%"odd name" = type { i64 }
%struct.unknown = type opaque

$grouped = comdat any

@bytes = internal unnamed_addr constant [4 x i8] c"a\\00\\FF\\\\", section ".rodata, here", align 1
@aggregate = dso_local local_unnamed_addr global %struct.a { i8 -1, %struct.b zeroinitializer, ptr @bytes }, comdat($grouped), align 8, !dbg !3
@tls = hidden thread_local(initialexec) global i32 undef
@spaced = weak_odr addrspace(5) externally_initialized global ptr addrspace(5) null, no_sanitize_address, code_model "large"
@outside = external global %struct.unknown #1
@address = global ptr getelementptr inbounds nuw inrange(-8, 8) (i8, ptr @bytes, i64 3)
@distance = constant i32 trunc (i64 sub (i64 ptrtoint (ptr blockaddress(@f, %x) to i64), i64 ptrtoint (ptr dso_local_equivalent @f to i64)) to i32)
@direct = constant ptr no_cfi @f
@hex = global [4 x i64] [i64 u0x10, i64 s0x1F, i64 s0x10, i64 -9223372036854775808]
@other = internal alias i8, getelementptr (i8, ptr @bytes, i32 1)
@chosen = ifunc i32 (), ptr @f

; Function Attrs: noreturn
define internal fastcc noundef signext i32 @f(ptr noalias sret(%struct.b) align 2 %out, ptr byval(%struct.a) %"a b", ...) unnamed_addr #0 nounwind section ".text.f" comdat($grouped) align 16 gc "none" prefix i32 7 prologue i32 8 personality ptr @g !dbg !3 !kcfi_type !4 {
x:
  ret i32 0
  uselistorder i32 0, { 1, 0 }
}

declare !dbg !3 extern_weak range(i8 0, 2) i8 @g(i32 immarg, ...) #0 #1

attributes #0 = { noreturn naked alignstack=16 memory(argmem: readwrite, errnomem: none) "key"="value" "flag" }
attributes #1 = { cold }
uselistorder ptr @bytes, { 2, 1, 0 }
!some.name = !{!3, !4}
!3 = distinct !{null, !3, !"text", ptr @f, i8 7}
!4 = !{i32 1, !{!DIExpression(DW_OP_deref, DW_OP_plus_uconst, 8)}}
`);

  test('what names the module', () => {
    expect(module.sourceFilename).toBe('dir/a "b".c');
    expect(module.targetTriple).toBe('s390x-linux-gnu');
    expect(module.dataLayout).toMatchObject({ littleEndian: false, pointerBits: 32 });
    expect(module.moduleAsm).toEqual(['\t.globl x', 'x = 1']);
    expect(module.producer).toBe('clang version 22.1.0');
  });

  test('structs refer to one another', () => {
    const a = module.structs.get('struct.a')!;
    expect(a.fields[1]).toBe(module.structs.get('struct.b'));
    expect(module.structs.get('struct.b')).toMatchObject({ packed: true, opaque: false });
    expect(module.structs.get('odd name')?.fields).toEqual([intType(64)]);
    expect(module.structs.get('struct.unknown')?.opaque).toBe(true);
  });

  test('variables', () => {
    const { globals } = module;
    expect(globals.get('bytes')).toMatchObject({
      linkage: 'internal',
      isConstant: true,
      section: '.rodata, here',
      align: 1,
      initializer: { kind: 'bytes', bytes: Uint8Array.of(0x61, 0, 0xff, 0x5c) },
    });
    expect(globals.get('aggregate')).toMatchObject({
      linkage: 'external',
      isDeclaration: false,
      initializer: {
        elements: [{ value: 255n }, { kind: 'zero' }, { kind: 'global', name: 'bytes' }],
      },
    });
    expect(globals.get('tls')).toMatchObject({ threadLocal: true, initializer: { kind: 'undef' } });
    expect(globals.get('spaced')).toMatchObject({ addressSpace: 5, linkage: 'weak_odr' });
    expect(globals.get('outside')).toMatchObject({ isDeclaration: true, initializer: null });
    expect(globals.get('direct')?.initializer).toMatchObject({ kind: 'global', name: 'f' });
    expect(module.functions.get('g')?.line).toBeGreaterThan(module.functions.get('f')!.line);
  });

  test('constant expressions', () => {
    expect(module.globals.get('address')?.initializer).toMatchObject({
      kind: 'expression',
      expression: { op: 'getelementptr', inbounds: true, base: { name: 'bytes' } },
    });
    expect(module.globals.get('distance')?.initializer).toMatchObject({
      expression: {
        op: 'trunc',
        value: {
          expression: {
            op: 'sub',
            left: { expression: { value: { kind: 'blockaddress', function: 'f', block: 'x' } } },
            right: { expression: { value: { kind: 'global', name: 'f' } } },
          },
        },
      },
    });
    expect(module.globals.get('hex')?.initializer).toMatchObject({
      elements: [
        { value: 16n },
        { value: (1n << 64n) - 1n },
        { value: (1n << 64n) - 16n },
        { value: 1n << 63n },
      ],
    });
  });

  test('aliases', () => {
    expect(module.aliases.get('other')).toMatchObject({ linkage: 'internal', type: intType(8) });
    expect(module.ifuncs.get('chosen')).toMatchObject({ target: { name: 'f' } });
  });

  test('functions', () => {
    expect(module.functions.get('f')).toMatchObject({
      linkage: 'internal',
      isDeclaration: false,
      section: '.text.f',
      debug: 3,
      attributes: ['nounwind', 'noreturn', 'naked', 'alignstack', 'memory'],
      type: { variadic: true, result: I32 },
      parameters: [
        { name: 'out', sret: { name: 'struct.b' }, byval: null },
        { name: 'a b', sret: null, byval: { name: 'struct.a' } },
      ],
    });
    expect(module.functions.get('g')).toMatchObject({
      linkage: 'extern_weak',
      isDeclaration: true,
      attributes: expect.arrayContaining(['cold', 'naked']),
    });
  });
});
