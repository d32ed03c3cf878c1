/**
 * Notebook widget: samples as points in the plane, a lasso chooses many (veml_lab/widgets/embedding.py).
 *
 * WebGL by regl-scatterplot, up to millions of points; where a browser has no WebGL a part is drawn on a plain
 * canvas, and groups are chosen by their names.
 */
import createScatterplot from 'regl-scatterplot';
import { WallBeside } from '../drawing/beside';
import { h, Pictures } from '../drawing/dom';
import { keeper } from '../drawing/controls';
import type { RenderContext } from '../drawing/model';
import { frame, segments } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { count as inWords, N_, trans } from '../drawing/words';
import type { EmbeddingMapTraits } from '../traits';

const FAST = 300_000; // from here on points are squares without blending
const PLAIN = 20_000; // drawn without WebGL
const MOST_SAVED = 1_000_000;
const MOST_SHOWN = 200_000;

/** Two columns of a row-major (n, 2) buffer. */
export function columns(view: DataView): [Float32Array, Float32Array] {
  const n = Math.floor(view.byteLength / 8);
  const all = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + n * 8));
  const x = new Float32Array(n), y = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    x[i] = all[2 * i];
    y[i] = all[2 * i + 1];
  }
  return [x, y];
}

export const bytesOf = (v: DataView) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);

export function render({ model, el }: RenderContext<EmbeddingMapTraits>): () => void {
  const box = frame(el, 'veml-embedding', 'Embedding map', () => recolour());
  box.root.style.position = 'relative';
  const bar = h('div', { class: 'veml-bar' }), tools = h('div', { class: 'veml-bar' });
  const error = h('div', { class: 'veml-error', role: 'alert', style: 'display:none' });
  const said = h('div', { class: 'veml-good', role: 'status', style: 'display:none' });
  const stage = h('div', { class: 'veml-points' });
  const canvas = h('canvas', { role: 'img', tabindex: 0 });
  const names = h('div', { class: 'veml-groupnames', role: 'group', 'aria-label': trans.__('Groups') });
  const tip = h('div', { class: 'veml-pointtip', style: 'display:none' });
  stage.append(canvas, tip);
  const opened = h('div');
  box.root.append(bar, tools, error, said, h('div', { class: 'veml-mapsplit' }, stage, names), opened);
  const beside = new WallBeside(model, opened);
  const pictures = new Pictures();
  let plot: ReturnType<typeof createScatterplot> | null = null;
  let chosen: Uint32Array = new Uint32Array(0), mode = 'move', pointed = -1, request = 0, timer = 0, gone = false, width = 0;
  let x: Float32Array = new Float32Array(0), y: Float32Array = new Float32Array(0), groups: Uint8Array = new Uint8Array(0);

  const groupNames = () => (model.get('names').length ? model.get('names') : ['all']);
  const colours = () => groupNames().map((_, i) => SERIES[i % SERIES.length]);

  function start(): void {
    const W = stage.clientWidth, H = model.get('height');
    stage.style.height = `${H}px`;
    if (!W || plot || gone) return;
    width = W;
    try {
      const many = model.get('groups').byteLength;
      plot = createScatterplot({
        canvas, width: W, height: H, pointSize: many > 100_000 ? 1.5 : many > 5_000 ? 3 : 6, pointColor: colours(), colorBy: 'category', opacity: many > 100_000 ? 0.6 : 0.85,
        performanceMode: many > FAST, lassoColor: '#e11d48', pointColorActive: '#e11d48', pointColorHover: '#111827', backgroundColor: ground(),
        keyMap: { shift: 'lasso', ctrl: 'merge', cmd: 'merge', alt: 'rotate', meta: 'merge' }
      } as any);
      if (plot.get('isDestroyed')) throw new Error(trans.__('WebGL could not be started'));
    } catch {
      plot = null;
      return plain();
    }
    plot.subscribe('select', ({ points }: { points: number[] }) => keepChosen(Uint32Array.from(points)));
    plot.subscribe('deselect', () => keepChosen(new Uint32Array(0)));
    plot.subscribe('pointOver', (i: number) => point(i));
    plot.subscribe('pointOut', () => point(-1));
    void draw();
  }

  function ground(): [number, number, number, number] {
    const hex = /^#([0-9a-f]{6})$/i.exec(box.colours().surface.trim());
    const rgb = hex ? [0, 2, 4].map(k => parseInt(hex[1].slice(k, k + 2), 16) / 255) : box.colours().dark ? [0.07, 0.07, 0.07] : [1, 1, 1];
    return [rgb[0], rgb[1], rgb[2], 1];
  }

  async function draw(): Promise<void> {
    [x, y] = columns(model.get('xy'));
    groups = bytesOf(model.get('groups'));
    head();
    if (!plot) return plain();
    const aspect = width / model.get('height');
    if (aspect > 1) plot.set({ aspectRatio: 1 } as any);
    await plot.draw({ x, y, category: groups } as any);
    if (gone) return;
    if (chosen.length) plot.select([...chosen], { preventEvent: true } as any);
    box.root.dataset.points = String(x.length);
    box.root.dataset.ready = '1';
  }

  /** Without WebGL: every n-th point, no lasso. */
  function plain(): void {
    [x, y] = columns(model.get('xy'));
    groups = bytesOf(model.get('groups'));
    const W = stage.clientWidth, H = model.get('height'), ctx = canvas.getContext('2d');
    canvas.width = W;
    canvas.height = H;
    if (ctx) {
      const r = Math.min(W, H) / 2, step = Math.max(1, Math.ceil(x.length / PLAIN));
      const fills = colours();
      ctx.clearRect(0, 0, W, H);
      for (let i = 0; i < x.length; i += step) {
        ctx.fillStyle = fills[groups[i]] ?? fills[0];
        ctx.fillRect(W / 2 + x[i] * r - 1, H / 2 - y[i] * r - 1, 2, 2);
      }
    }
    box.root.dataset.plain = '1';
    box.root.dataset.points = String(x.length);
    box.root.dataset.ready = '1';
    head();
  }

  function recolour(): void {
    plot?.set({ backgroundColor: ground() } as any);
    head();
  }

  function head(): void {
    const n = model.get('groups').byteLength, known = groupNames();
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('Embedding map')),
      h('span', { class: 'veml-note', 'aria-live': 'polite' }, `${trans._n('%1 sample', '%1 samples', n)}${box.root.dataset.plain ? ` · ${trans.__('this browser has no WebGL: a part is drawn, choose by name')}` : ''}`),
      h('span', { class: 'veml-space' }),
      ...(plot ? [segments(trans.__('Mouse'), [N_('move'), N_('lasso')], mode, m => { mode = m; plot?.set({ mouseMode: m === 'lasso' ? 'lasso' : 'panZoom' } as any); head(); }, m => trans.__(m))] : []),
      fit());
    const counts = new Map<number, number>();
    groups.forEach(g => counts.set(g, (counts.get(g) ?? 0) + 1));
    names.replaceChildren(...known.map((name, g) => {
      const all = h('button', { type: 'button', class: 'veml-link', title: trans.__('Choose all of %1', name) }, h('span', { class: 'veml-swatch', style: `background:${SERIES[g % SERIES.length]}` }), `${name} `, h('span', { class: 'veml-note' }, (counts.get(g) ?? 0).toLocaleString('en-US')));
      all.onclick = () => choose(Uint32Array.from(range(groups, g)));
      return all;
    }));
    canvas.setAttribute('aria-label', trans.__('Map of %1 samples in %2 groups: %3. Groups can be chosen by name beside it.', n, known.length, known.map((name, g) => `${name} ${counts.get(g) ?? 0}`).slice(0, 20).join(', ')));
    const parts: HTMLElement[] = [];
    if (chosen.length) {
      const none = h('button', { type: 'button' }, trans.__('Clear'));
      none.onclick = () => choose(new Uint32Array(0));
      const open = h('button', { type: 'button' }, trans.__('Open these samples'));
      open.onclick = () => show();
      parts.push(...(model.get('opens') ? [open] : []), ...(model.get('saves') ? [keeper(chosen.length, [N_('data version')], keep)] : [h('span', { class: 'veml-note' }, trans.__('%1 chosen', inWords(chosen.length)))]), none);
    } else parts.push(h('span', { class: 'veml-note' }, plot ? trans.__('Shift and drag, or the lasso, chooses samples.') : trans.__('Choose a group by its name.')));
    tools.replaceChildren(...parts);
  }

  function* range(of: Uint8Array, g: number): Iterable<number> {
    for (let i = 0; i < of.length; i++) if (of[i] === g) yield i;
  }

  function fit(): HTMLElement {
    const button = h('button', { type: 'button', title: trans.__('Show everything') }, trans.__('Fit'));
    button.onclick = () => plot?.reset();
    return button;
  }

  function choose(points: Uint32Array): void {
    if (plot) {
      if (points.length) plot.select([...points], { preventEvent: true } as any);
      else plot.deselect({ preventEvent: true } as any);
    }
    keepChosen(points);
  }

  function keepChosen(points: Uint32Array): void {
    chosen = points;
    box.root.dataset.chosen = String(points.length);
    model.set('selected', new DataView(points.slice().buffer));
    model.save_changes();
    head();
  }

  function show(): void {
    if (chosen.length > MOST_SHOWN) return fail(trans.__('at most %1 samples can be opened at once', inWords(MOST_SHOWN)));
    beside.open({ indices: [...chosen] });
  }

  function keep(_what: string, name: string): void {
    if (chosen.length > MOST_SAVED) return fail(trans.__('at most %1 samples can be kept at once', inWords(MOST_SAVED)));
    model.send({ type: 'save', request: ++request, name, indices: [...chosen] });
  }

  function fail(message: string): void {
    error.textContent = message;
    error.style.display = '';
    said.style.display = 'none';
  }

  function point(i: number): void {
    pointed = i;
    tip.style.display = 'none';
    window.clearTimeout(timer);
    if (i < 0 || !model.get('pictures')) return;
    timer = window.setTimeout(() => model.send({ type: 'picture', request: ++request, index: i, size_px: 160 }), 90);
  }

  function receive(message: any, buffers: DataView[]): void {
    if (beside.receive(message, buffers)) return;
    if (message.type === 'error') return fail(message.message);
    if (message.type === 'saved') {
      error.style.display = 'none';
      said.textContent = message.message;
      said.style.display = '';
    }
    if (message.type !== 'picture' || message.index !== pointed) return;
    pictures.release();
    tip.replaceChildren(pictures.image(buffers[0], ''), h('div', { class: 'veml-note' }, [groupNames()[groups[pointed]], message.caption].filter(Boolean).join(' · ')));
    tip.style.display = '';
  }

  const changed = () => void draw();
  const events: [string, (...a: any[]) => void][] = [['msg:custom', receive], ['change:xy', changed], ['change:title', head], ['change:saves', head], ['change:opens', head]];
  events.forEach(([event, heard]) => model.on(event, heard));
  const resizing = new ResizeObserver(() => {
    if (!plot) return start();
    if (stage.clientWidth && stage.clientWidth !== width) {
      width = stage.clientWidth;
      plot.set({ width, height: model.get('height') });
    }
  });
  resizing.observe(stage);
  head();
  start();
  return () => {
    gone = true;
    window.clearTimeout(timer);
    events.forEach(([event, heard]) => model.off(event, heard));
    resizing.disconnect();
    plot?.destroy();
    pictures.release();
    beside.dispose();
    box.dispose();
  };
}

export default { render };
