/**
 * Notebook widget: image wall of any length (veml_lab/widgets/browser.py).
 *
 * One canvas the size of the window, drawn anew while the page scrolls under it; pictures are asked for in
 * batches ({type: 'get', positions}) and always answered, with JPEG buffers or an error. A tile shows the
 * sample at `place(tile)`: its own number, or what a filter found there.
 */
import { h, s } from '../drawing/dom';
import { choice, keeper } from '../drawing/controls';
import { Grid } from '../drawing/grid';
import { LargeView } from '../drawing/large';
import { Annotation, Area, drawMarks, inWords, labelsOf, layer } from '../drawing/marks';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { count as figure, trans } from '../drawing/words';
import type { SampleBrowserTraits } from '../traits';

export type { Annotation } from '../drawing/marks';

/** The largest area of the picture's own shape in the middle of a tile. */
export function contain(width: number, height: number, x: number, y: number, size: number, tall = size): Area {
  const scale = Math.min(size / Math.max(width, 1), tall / Math.max(height, 1));
  const w = width * scale, h = height * scale;
  return { x: x + (size - w) / 2, y: y + (tall - h) / 2, w, h };
}

const GAP = 6;
const KEPT = 1500;
const MOST_CHOSEN = 200_000;

function outlineKey(stroke: string, text: string, dash?: string): HTMLElement {
  return h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true },
    s('rect', { x: 2, y: 2, width: 12, height: 12, fill: 'none', stroke, 'stroke-width': 2, 'stroke-dasharray': dash })), text);
}

export function render({ model, el }: RenderContext<SampleBrowserTraits>): () => void {
  const box = frame(el, 'veml-browser', trans.__('Samples'), () => { palette = box.colours(); draw(); });
  box.root.style.position = 'relative';
  const bar = h('div', { class: 'veml-bar' });
  const tools = h('div', { class: 'veml-bar veml-walltools' });
  const wall = h('div', { class: 'veml-wall' });
  const canvas = h('canvas', { tabindex: 0, role: 'img' });
  const spacer = h('div');
  const tip = h('div', { class: 'veml-tip', style: 'display:none' });
  const error = h('div', { class: 'veml-error', role: 'alert', style: 'display:none' });
  const said = h('div', { class: 'veml-good', role: 'status', style: 'display:none' });
  wall.append(canvas, spacer);
  box.root.append(bar, tools, error, said, wall, tip);
  const bitmaps = new Map<number, ImageBitmap>();
  const annotations = new Map<number, Annotation>();
  const asked = new Map<number, number>(); // position -> request
  const classes: string[] = [...model.get('classes')];
  const where: Record<string, string> = {};
  let by = '', descending = true, found: Uint32Array | null = null, looking = -1;
  let compare: string[] = [...(model.get('compare') ?? [])];
  let predicted: '' | 'wrong' | 'boxes' = '', request = 0, large = -1, at = -1, frameId = 0, timer = 0, palette = box.colours();
  let size = model.get('thumb_px'), grid = newGrid();

  function newGrid(): Grid { return new Grid(compare.length === 2 ? 2 * size + 2 : size, GAP); }
  const place = (tile: number) => (found ? found[tile] : tile);
  const count = () => (found ? found.length : model.get('count'));
  const tileOf = (position: number) => (found ? found.indexOf(position) : position);

  function colour(label: string): string {
    let i = classes.indexOf(label);
    if (i < 0) i = classes.push(label) - 1;
    return SERIES[i % SERIES.length];
  }

  function layout(): void {
    const W = wall.clientWidth, H = model.get('height');
    wall.style.height = `${H}px`;
    if (!W) return;
    grid.resize(count(), W, H);
    const dpr = window.devicePixelRatio || 1;
    canvas.width = W * dpr;
    canvas.height = H * dpr;
    canvas.style.width = `${W}px`;
    canvas.style.height = `${H}px`;
    spacer.style.height = `${grid.scrollHeight - H}px`;
    box.root.dataset.count = String(count());
    draw();
  }

  function ask(positions: number[]): void {
    const missing = positions.filter(p => !asked.has(p)).slice(0, 400);
    if (!missing.length) return;
    request++;
    missing.forEach(p => asked.set(p, request));
    model.send({ type: 'get', request, positions: missing });
  }

  function draw(): void {
    cancelAnimationFrame(frameId);
    frameId = requestAnimationFrame(paint);
  }

  function paint(): void {
    const ctx = canvas.getContext('2d');
    if (!ctx || !grid.columns) return;
    const dpr = window.devicePixelRatio || 1;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.clearRect(0, 0, wall.clientWidth, wall.clientHeight);
    const chosen = new Set(model.get('selected'));
    for (const tile of grid.visible()) {
      const i = place(tile);
      const [x, y] = grid.place(tile), T = grid.tall, two = compare.length === 2;
      const bitmap = bitmaps.get(i), a = annotations.get(i);
      if (bitmap) {
        bitmaps.delete(i); // moved to the end: the least recently seen go first
        bitmaps.set(i, bitmap);
      }
      (two ? compare : ['annotations']).forEach((name, k) => {
        const left = x + k * (size + 2);
        const area = bitmap ? contain(bitmap.width, bitmap.height, left, y, size, T) : { x: left, y, w: size, h: T };
        ctx.fillStyle = palette.raised;
        ctx.fillRect(left, y, size, T);
        if (bitmap) {
          ctx.imageSmoothingEnabled = bitmap.width > 40; // tiny pictures keep their pixels
          ctx.drawImage(bitmap, area.x, area.y, area.w, area.h);
        }
        const marks = a && layer(a, name);
        if (marks) drawMarks(ctx, marks, area, colour, name === 'prediction');
        if (!two && a?.prediction) {
          drawMarks(ctx, { ...a.prediction, label: null }, area, colour, true);
          if (a.prediction.label !== null && a.prediction.label !== a.label) outline(ctx, area.x, area.y, area.w, area.h, palette.bad, 2);
        }
      });
      if (chosen.has(i)) outline(ctx, x, y, grid.size, T, palette.accent, 4);
      if (tile === at) outline(ctx, x, y, grid.size, T, palette.text, 2);
    }
    window.clearTimeout(timer);
    // a wall that flies past is not asked for
    timer = window.setTimeout(() => ask(grid.visible().map(place)), bitmaps.size ? 60 : 0);
  }

  function outline(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, tall: number, stroke: string, width: number): void {
    ctx.strokeStyle = stroke;
    ctx.lineWidth = width;
    ctx.strokeRect(x + width / 2, y + width / 2, w - width, tall - width);
  }

  function describe(i: number): string {
    const a = annotations.get(i);
    if (!a) return `${i}`;
    const guess = a.prediction ? inWords(a.prediction) || trans.__('nothing') : '';
    const others = Object.entries(a.layers ?? {}).map(([name, m]) => `${name}: ${inWords(m) || trans.__('nothing')}`);
    return [`${i}`, a.caption, inWords(a), guess && trans.__('predicted %1', guess), ...others].filter(Boolean).join(' · ');
  }

  function head(): void {
    const shown = classes.slice(0, 12), total = model.get('count');
    bar.replaceChildren(
      h('span', { class: 'veml-title' }, model.get('title') || trans.__('Samples')),
      h('span', { class: 'veml-note', 'aria-live': 'polite' }, found ? trans.__('%1 of %2 samples', figure(found.length), figure(total)) : trans.__('%1 samples', figure(total))),
      h('span', { class: 'veml-space' }),
      ...shown.map(c => h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, s('rect', { x: 2, y: 2, width: 12, height: 12, rx: 3, fill: colour(c) })), c)),
      ...(predicted === 'wrong' ? [outlineKey('var(--veml-bad)', trans.__('predicted otherwise'))] : predicted ? [outlineKey('var(--veml-muted)', trans.__('predicted'), '3 2')] : []),
      ...(classes.length > 12 ? [h('span', { class: 'veml-note' }, trans.__('and %1 more', classes.length - 12))] : []));
    canvas.setAttribute('aria-label', `${trans.__('Wall of %1 samples. Arrow keys move, Space chooses, Enter enlarges.', count())}${at >= 0 ? ` ${trans.__('At %1.', describe(place(at)))}` : ''}`);
  }

  /** Filter, order, comparison, size of tiles, and what a selection becomes; built anew only when one of them changes. */
  function toolbar(): void {
    const { filters, orders, layers, saves, selected } = {
      filters: model.get('filters') ?? {}, orders: model.get('orders') ?? [], layers: model.get('layers') ?? [], saves: model.get('saves') ?? [], selected: model.get('selected')
    };
    const parts: HTMLElement[] = Object.entries(filters).map(([fact, values]) =>
      choice(trans.__('Filter by %1', trans.__(fact)), [['', trans.__('any %1', trans.__(fact))], ...values.map((v): [string, string] => [v, `${trans.__(fact)}: ${v}`])], where[fact] ?? '', v => {
        if (v) where[fact] = v;
        else delete where[fact];
        look();
      }));
    if (orders.length) {
      parts.push(choice(trans.__('Sort by'), [['', trans.__('in their order')], ...orders.map((o): [string, string] => [o, trans.__('by %1', trans.__(o))])], by, v => { by = v; look(); toolbar(); }));
      if (by) {
        const turn = h('button', { type: 'button', 'aria-label': descending ? trans.__('Largest first') : trans.__('Smallest first'), title: descending ? trans.__('Largest first') : trans.__('Smallest first') }, descending ? '↓' : '↑');
        turn.onclick = () => { descending = !descending; look(); toolbar(); };
        parts.push(turn);
      }
    }
    const pairs = ['annotations', ...(predicted ? ['prediction'] : []), ...layers];
    if (pairs.length > 1) {
      const options: [string, string][] = [['', trans.__('one picture a sample')]];
      pairs.forEach((a, i) => pairs.slice(i + 1).forEach(b => options.push([`${a}\n${b}`, `${a} | ${b}`])));
      parts.push(choice(trans.__('Compare side by side'), options, compare.join('\n'), v => { compare = v ? v.split('\n') : []; regrid(); }));
    }
    parts.push(h('span', { class: 'veml-space' }));
    if (saves.length) {
      const all = h('button', { type: 'button', title: trans.__('Choose everything that the filter shows') }, trans.__('Choose all'));
      all.onclick = () => {
        if (count() > MOST_CHOSEN) return fail(trans.__('at most %1 can be chosen one by one; filter first', figure(MOST_CHOSEN)));
        setChosen(Array.from({ length: count() }, (_, t) => place(t)));
      };
      const none = h('button', { type: 'button' }, trans.__('Clear'));
      none.onclick = () => setChosen([]);
      parts.push(...(selected.length ? [keeper(selected.length, saves, keep), none] : [all]));
    } else if (selected.length) parts.push(h('span', { class: 'veml-note' }, trans.__('%1 chosen', figure(selected.length))));
    const smaller = h('button', { type: 'button', 'aria-label': trans.__('Smaller tiles'), title: trans.__('Smaller tiles (-)') }, '−');
    const larger = h('button', { type: 'button', 'aria-label': trans.__('Larger tiles'), title: trans.__('Larger tiles (+)') }, '+');
    smaller.onclick = () => resize(1 / 1.4);
    larger.onclick = () => resize(1.4);
    tools.replaceChildren(...parts, h('span', { class: 'veml-segments' }, smaller, larger));
  }

  function keep(what: string, name: string): void {
    request++;
    model.send({ type: 'save', request, what, name, positions: model.get('selected') });
  }

  /** Ask which samples pass the filter, and in which order. */
  function look(): void {
    at = -1;
    wall.scrollTop = 0;
    grid.scrolled(0);
    if (!by && !Object.keys(where).length) {
      found = null;
      looking = -1;
      return shown();
    }
    looking = ++request;
    model.send({ type: 'find', request, where: { ...where }, by, descending });
  }

  function shown(): void {
    error.style.display = 'none';
    head();
    layout();
  }

  function resize(factor: number): void {
    size = Math.round(Math.max(40, Math.min(512, size * factor)));
    regrid();
  }

  function regrid(): void {
    grid = newGrid();
    grid.tall = size;
    grid.shape([...bitmaps.values()].map(b => b.width / b.height), size);
    grid.scrolled(wall.scrollTop);
    layout();
  }

  function fail(message: string): void {
    error.textContent = message;
    error.style.display = '';
    said.style.display = 'none';
  }

  async function receive(message: any, buffers: DataView[]): Promise<void> {
    if (message.type === 'error') {
      fail(message.message);
      asked.forEach((r, p) => { if (r === message.request) asked.delete(p); });
      if (message.request === -1) enlargement.close();
      box.root.dataset.failed = '1';
      return;
    }
    if (message.type === 'one' && message.position === large) return enlargement.show(large, buffers[0], annotations.get(large), compare);
    if (message.type === 'found' && message.request === looking) {
      const v = buffers[0];
      found = new Uint32Array(v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength));
      return shown();
    }
    if (message.type === 'saved') {
      error.style.display = 'none';
      said.textContent = message.message;
      said.style.display = '';
      return;
    }
    if (message.type !== 'samples') return;
    error.style.display = 'none';
    const before = `${classes.length} ${predicted}`;
    const positions: number[] = message.positions;
    positions.forEach((p, k) => {
      const a: Annotation = message.annotations[k];
      annotations.set(p, a);
      for (const m of [a, ...(a.prediction ? [a.prediction] : []), ...Object.values(a.layers ?? {})]) {
        if (m.label !== null && m !== a.prediction) colour(m.label);
        labelsOf(m).forEach(colour);
      }
      if (a.prediction && a.prediction.label !== null && a.prediction.label !== a.label) predicted = 'wrong';
      else if (a.prediction && !predicted) predicted = 'boxes';
    });
    await Promise.all(positions.map(async (p, k) => {
      const v = buffers[k];
      const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
      try {
        bitmaps.set(p, await createImageBitmap(new Blob([bytes as BlobPart], { type: 'image/jpeg' })));
      } catch {
        // a damaged picture stays an empty tile; its caption still shows
      }
    }));
    const first = !box.root.dataset.loaded;
    for (const [p, bitmap] of bitmaps) {
      if (bitmaps.size <= KEPT) break;
      bitmap.close?.();
      bitmaps.delete(p);
      annotations.delete(p);
      asked.delete(p);
    }
    if (`${classes.length} ${predicted}` !== before || first) {
      head();
      toolbar();
    }
    box.root.dataset.loaded = String(bitmaps.size);
    if (first && grid.shape([...bitmaps.values()].map(b => b.width / b.height), size)) layout();
    else draw();
  }

  function setChosen(positions: number[]): void {
    model.set('selected', positions);
    model.save_changes();
    head();
    toolbar();
    draw();
  }

  function choose(i: number): void {
    const chosen = new Set(model.get('selected'));
    if (!chosen.delete(i)) chosen.add(i);
    setChosen([...chosen].sort((a, b) => a - b));
  }

  function enlarge(i: number): void {
    enlargement.take();
    large = i;
    model.send({ type: 'one', request: -1, position: i, size_px: 768 });
  }

  const enlargement = new LargeView(box.root, colour, {
    describe, choose,
    isChosen: i => model.get('selected').includes(i),
    step: by_ => enlarge(place(grid.clamp(tileOf(large) + by_))),
    closed: () => { large = -1; canvas.focus({ preventScroll: true }); }
  });

  const placed = (e: MouseEvent) => grid.at(e.offsetX, e.offsetY);
  canvas.onclick = e => {
    const tile = placed(e);
    if (tile < 0) return;
    if (e.shiftKey && at >= 0) { // everything between the last tile and this one
      const [a, b] = [Math.min(at, tile), Math.max(at, tile)];
      setChosen([...new Set([...model.get('selected'), ...Array.from({ length: b - a + 1 }, (_, k) => place(a + k))])].sort((p, q) => p - q));
    } else if (e.ctrlKey || e.metaKey || e.shiftKey) choose(place(tile));
    else enlarge(place(tile));
    at = tile;
  };
  canvas.onpointermove = e => {
    const tile = placed(e);
    tip.style.display = tile < 0 ? 'none' : '';
    if (tile < 0) return;
    tip.textContent = describe(place(tile));
    const r = box.root.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(e.clientX - r.left + 12, r.width - tip.offsetWidth - 6))}px`;
    tip.style.top = `${e.clientY - r.top + 16}px`;
  };
  canvas.onpointerleave = () => { tip.style.display = 'none'; };
  canvas.onkeydown = e => {
    const step: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.columns, ArrowUp: -grid.columns };
    if (e.key in step) at = at < 0 ? 0 : grid.clamp(at + step[e.key]);
    else if (e.key === 'Home') at = 0;
    else if (e.key === 'End') at = count() - 1;
    else if (e.key === ' ' && at >= 0) choose(place(at));
    else if (e.key === 'Enter' && at >= 0) enlarge(place(at));
    else if (e.key === '+' || e.key === '-') resize(e.key === '+' ? 1.4 : 1 / 1.4);
    else return;
    e.preventDefault();
    e.stopPropagation();
    const top = at < 0 ? null : grid.reveal(at);
    if (top !== null) wall.scrollTop = top;
    head();
    draw();
  };
  wall.onscroll = () => {
    grid.scrolled(wall.scrollTop);
    draw();
  };

  function reload(): void {
    bitmaps.forEach(b => b.close?.());
    bitmaps.clear();
    annotations.clear();
    asked.clear();
    found = null;
    head();
    toolbar();
    layout();
  }

  const changed = () => { head(); toolbar(); draw(); };
  const listening: [string, (...a: any[]) => void][] = [
    ['msg:custom', receive], ['change:selected', changed], ['change:title', changed], ['change:count', reload], ['change:filters', changed], ['change:saves', changed]
  ];
  listening.forEach(([event, heard]) => model.on(event, heard));
  const resizing = new ResizeObserver(layout);
  resizing.observe(wall);
  head();
  toolbar();
  layout();
  return () => {
    listening.forEach(([event, heard]) => model.off(event, heard));
    resizing.disconnect();
    window.clearTimeout(timer);
    cancelAnimationFrame(frameId);
    bitmaps.forEach(b => b.close?.());
    enlargement.take();
    box.dispose();
  };
}

export default { render };
