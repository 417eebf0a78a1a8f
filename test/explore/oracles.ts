/**
 * What must hold of every system and every search, as functions over a
 * factory of systems, so that toys, random programs and the real machine
 * are held to the same. Each returns what it found wrong, in words; nothing
 * wrong is an empty list. They share no code with the searches they judge:
 * dependence, interleavings and the walk over the states are written here
 * again, slowly and plainly.
 */

export { checkOrbits, plainly } from './oracles/orbits.ts';
export { checkAgainstGraph, checkRenamed, renamed } from './oracles/searches.ts';
export { checkCommutation, checkFootprints, checkRestoring } from './oracles/states.ts';
export { allInterleavings, checkTraces } from './oracles/traces.ts';
export type { Factory } from './oracles/view.ts';
