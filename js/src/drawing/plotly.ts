/**
 * plotly.js, once a page and only when a chart is drawn.
 *
 * The drawings of cells are bundles of their own that share nothing but the page: the library lies under a registered
 * symbol. Where it comes from depends on the page: JupyterLab's extension has it as a chunk, a published folder as a
 * file; elsewhere (Voila, other front ends) the kernel sends it, compressed, over the drawing's own connection.
 */
import type { WidgetModel } from './model';

/** What of plotly.js is used. */
export interface Plotly {
  react(host: HTMLElement, data: object[], layout: object, config: object): Promise<PlotHost>;
  relayout(host: HTMLElement, change: object): Promise<unknown>;
  purge(host: HTMLElement): void;
  toImage(host: HTMLElement, options: object): Promise<string>;
  Plots: { resize(host: HTMLElement): unknown };
  Fx: { hover(host: HTMLElement, points: object[]): void; unhover(host: HTMLElement): void };
}
export interface PlotHost extends HTMLElement {
  on(event: string, heard: (said: any) => void): void;
}
type Source = () => Promise<{ default: unknown }>;

const PLACE = Symbol.for('veml-lab:plotly');
const here = globalThis as { [PLACE]?: { library?: Promise<Plotly>; source?: Source } };
const shelf = () => (here[PLACE] ??= {});

/** From now on this page takes the library from there. */
export function bring(source: Source): void {
  shelf().source = source;
}

/** The library, loaded at the first call of the page; one that could not be loaded is tried again. */
export function plotly(model: WidgetModel<any>): Promise<Plotly> {
  const kept = shelf();
  kept.library ??= load(kept.source ?? (() => fromKernel(model))).catch(e => {
    kept.library = undefined;
    throw e;
  });
  return kept.library;
}

async function load(source: Source): Promise<Plotly> {
  const page = globalThis as { Plotly?: unknown };
  const before = page.Plotly; // the bundle claims a global; the page's own stays
  const { default: library } = await source();
  if (before === undefined) delete page.Plotly;
  else page.Plotly = before;
  return library as Plotly;
}

let asked = 0;

function fromKernel(model: WidgetModel<any>): Promise<{ default: unknown }> {
  const request = 4_000_000 + ++asked; // apart from the numbers that the drawings count
  return new Promise((done, fail) => {
    const heard = (answer: any, buffers: (DataView | ArrayBuffer)[]) => {
      if (answer?.request !== request) return;
      model.off('msg:custom', heard);
      if (answer.type === 'plotly') unpacked(buffers[0]).then(done, fail);
      else fail(new Error(answer.message ?? 'the kernel has no plotly.js'));
    };
    model.on('msg:custom', heard);
    model.send({ type: 'plotly', request });
  });
}

async function unpacked(bytes: DataView | ArrayBuffer): Promise<{ default: unknown }> {
  const text = await new Response(new Blob([bytes as BlobPart]).stream().pipeThrough(new DecompressionStream('gzip'))).blob();
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    return await import(/* webpackIgnore: true */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
