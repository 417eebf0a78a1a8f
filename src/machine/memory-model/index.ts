import type { MemoryModel } from './memory-model.ts';
import { sc } from './sc.ts';
import { tso } from './tso.ts';

/** The memory models that are built, by name. */
export const MEMORY_MODELS: Readonly<Record<string, MemoryModel>> = { sc, tso };
