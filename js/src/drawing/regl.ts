/**
 * What regl-scatterplot draws with (the build gives it this file for "regl"): regl without code compiled at run time.
 *
 * regl writes a function for each drawing command and compiles it by `Function`, which a page with a strict content
 * security policy forbids. Plotly's fork looks such functions up by the hash of their source first; those of the map
 * were written down by `scripts/compile_map.py`. One that is missing is compiled, where the page allows it.
 */
import createRegl from '@plotly/regl';
import { COMPILED } from './reglCompiled.js';

/** By the hash of their source; whatever is compiled at run time is added. */
export const code: Record<string, (...linked: unknown[]) => unknown> = { ...COMPILED };

export default (options: object): unknown => createRegl({ ...options, cachedCode: code } as object);
