/** Small modules written by hand, with the end that clang gives to every module. */

import type { FunctionBody, Instruction, Module } from '../../src/llvm/module.ts';
import { readModule } from '../../src/llvm/reader.ts';

const TAIL = `
!llvm.module.flags = !{!90}
!llvm.ident = !{!91}
!90 = !{i32 1, !"wchar_size", i32 4}
!91 = !{!"clang version 22.1.0"}
`;

/** `text` with the named metadata of a whole module behind it. */
export function whole(text: string): string {
  return text + TAIL;
}

/** The module of `text`, read eagerly. */
export function moduleOf(text: string): Module {
  return readModule(whole(text), 'hand.ll', { eager: true });
}

/** The body of a function `@f` of the given instructions; `@g`, `%p` and `%n` are there to be used. */
export function bodyOf(instructions: string, more = ''): FunctionBody {
  const module = moduleOf(
    `${more}\ndeclare i32 @g(ptr, ...)\ndefine void @f(ptr %p, i32 %n) {\n${instructions}\n}\n`,
  );
  const definition = module.functions.get('f');
  if (definition === undefined) throw new Error('no @f');
  return module.body(definition);
}

/** The first instruction of `@f`, which goes on to return. */
export function firstOf(instruction: string, more = ''): Instruction {
  return bodyOf(`  ${instruction}\n  ret void`, more).blocks[0].instructions[0];
}
