/**
 * Notebook widget: image wall of any length (veml_lab/widgets/browser.py).
 *
 * One canvas the size of the window, drawn anew while the page scrolls under it; pictures are asked for in
 * batches ({type: 'get', positions}) and always answered, with JPEG buffers or an error. A tile shows the
 * sample at `place(tile)`: its own number, or what a filter found there.
 */
import type { Where } from '../drawing/beside';
import { h, s } from '../drawing/dom';
import { choice, keeper } from '../drawing/controls';
import { Grid } from '../drawing/grid';
import { help } from '../drawing/help';
import { LargeView } from '../drawing/large';
import { Annotation, inWords, labelsOf, Looks, seen } from '../drawing/marks';
import { classKeys, nameOfLayer, seeing } from '../drawing/seeing';
import { field } from '../drawing/side';
import { drawTile, outline } from '../drawing/tiles';
import { WallFilters } from '../drawing/wallFilters';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { count as figure, trans } from '../drawing/words';
import type { SampleBrowserTraits } from '../traits';

export type { Annotation } from '../drawing/marks';
export { contain } from '../drawing/tiles';

const GAP = 6;
const KEPT = 1500;
const MOST_CHOSEN = 200_000;
const SIZES = [64, 128, 256, 512, 1024]; // what tiles are asked for; the kernel makes each once
const WHOLE_PX = 4096;

/** The least size of a tile's picture that its screen does not enlarge. */
export function sizeFor(px: number): number {
  return SIZES.find(s => s >= px) ?? SIZES[SIZES.length - 1];
}

function outlineKey(stroke: string, text: string, dash?: string): HTMLElement {
  return h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true },
    s('rect', { x: 2, y: 2, width: 12, height: 12, fill: 'none', stroke, 'stroke-width': 2, 'stroke-dasharray': dash })), text);
}

export function render({ model, el }: RenderContext<SampleBrowserTraits>): () => void {
  const box = frame(el, 'veml-browser', trans.__('Samples'), () => { palette = box.colours(); draw(); enlargement.paint(); });
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
  const looks: Looks = { classes: new Set(), layers: new Set(), score: model.get('score') ?? 0.4, labels: true };
  const where: Where = {};
  const ranges = new WallFilters(where, { changed: () => look(), spread: fact => model.send({ type: 'spread', request: ++request, fact }) });
  const view = h('div', { class: 'veml-bar veml-walltools' });
  box.root.append(bar, tools, ranges.element, view, error, said, wall, tip);
  const bitmaps = new Map<number, ImageBitmap>();
  const annotations = new Map<number, Annotation>();
  const asked = new Map<number, { request: number; size: number }>();
  const classes: string[] = [...model.get('classes')];
  let filters = model.get('filters') ?? {}, like = -1, undoable = false;
  let by = '', descending = true, found: Uint32Array | null = null, looking = -1;
  let compare: string[] = [...(model.get('compare') ?? [])];
  let predicted: '' | 'wrong' | 'boxes' = '', boxed = false, request = 0, at = -1, frameId = 0, timer = 0, palette = box.colours();
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
    const size_px = sizeFor(Math.max(size, grid.tall) * (window.devicePixelRatio || 1));
    const missing = positions.filter(p => (asked.get(p)?.size ?? 0) < size_px).slice(0, 400);
    if (!missing.length) return;
    request++;
    missing.forEach(p => asked.set(p, { request, size: size_px }));
    model.send({ type: 'get', request, positions: missing, size_px });
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
      const [x, y] = grid.place(tile), T = grid.tall;
      const bitmap = bitmaps.get(i), a = annotations.get(i);
      if (bitmap) {
        bitmaps.delete(i); // moved to the end: the least recently seen go first
        bitmaps.set(i, bitmap);
      }
      drawTile(ctx, { x, y, size, tall: T, wide: grid.size }, bitmap, a, compare, looks, colour, palette);
      if (chosen.has(i)) outline(ctx, x, y, grid.size, T, palette.accent, 4);
      if (tile === at) outline(ctx, x, y, grid.size, T, palette.text, 2);
    }
    window.clearTimeout(timer);
    // a wall that flies past is not asked for
    timer = window.setTimeout(() => ask(grid.visible().map(place)), bitmaps.size ? 60 : 0);
  }

  function describe(i: number): string {
    const a = annotations.get(i);
    if (!a) return `${i}`;
    const guess = a.prediction ? inWords(seen(a.prediction, { ...looks, classes: new Set() }, true)) || trans.__('nothing') : '';
    const others = Object.entries(a.layers ?? {}).map(([name, m]) => `${name}: ${inWords(m) || trans.__('nothing')}`);
    const wrong = a.cost === undefined ? '' : `${(a.kinds ?? []).map(k => trans.__(k)).join(', ')} ${trans.__('cost %1', a.cost.toFixed(2))}`.trim();
    return [`${i}`, a.caption, inWords(a), guess && trans.__('predicted %1', guess), ...others, wrong].filter(Boolean).join(' · ');
  }

  function head(): void {
    const shown = classes.slice(0, 12), total = model.get('count');
    bar.replaceChildren(
      h('span', { class: 'veml-title' }, model.get('title') || trans.__('Samples')),
      h('span', { class: 'veml-note', 'aria-live': 'polite' }, found ? trans.__('%1 of %2 samples', figure(found.length), figure(total)) : trans.__('%1 samples', figure(total))),
      h('span', { class: 'veml-space' }),
      ...classKeys(shown, colour, looks, seenAnew),
      ...(predicted === 'wrong' ? [outlineKey('var(--veml-bad)', trans.__('predicted otherwise'))] : predicted ? [outlineKey('var(--veml-muted)', trans.__('predicted'), '3 2')] : []),
      ...(classes.length > 12 ? [h('span', { class: 'veml-note' }, trans.__('and %1 more', classes.length - 12))] : []));
    canvas.setAttribute('aria-label', `${trans.__('Wall of %1 samples. Arrow keys move, Space chooses, Enter enlarges.', count())}${at >= 0 ? ` ${trans.__('At %1.', describe(place(at)))}` : ''}`);
  }

  /** Marks were shown or hidden. */
  function seenAnew(): void {
    head();
    if (!view.contains(document.activeElement) || document.activeElement?.tagName !== 'INPUT') viewbar();
    draw();
    enlargement.paint();
  }

  /** What of the marks is drawn: only where there are layers to choose from, or boxes. */
  function viewbar(): void {
    const focused = view.contains(document.activeElement) ? [...view.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement) : -1;
    const several = predicted !== '' || (model.get('layers') ?? []).length > 0;
    const names = several ? ['annotations', ...(predicted ? ['prediction'] : []), ...(model.get('layers') ?? [])] : [];
    view.hidden = !several && !boxed;
    view.replaceChildren(...seeing(looks, names, predicted !== '', seenAnew));
    if (focused >= 0) view.querySelectorAll('button')[focused]?.focus();
  }

  /** Filter, order, comparison, size of tiles, and what a selection becomes; built anew only when one of them changes. */
  function toolbar(): void {
    const { orders, layers, saves, selected } = {
      orders: model.get('orders') ?? [], layers: model.get('layers') ?? [], saves: model.get('saves') ?? [], selected: model.get('selected')
    };
    const parts: HTMLElement[] = Object.entries(filters).map(([fact, values]) =>
      choice(trans.__('Filter by %1', trans.__(fact)), [['', trans.__('any %1', trans.__(fact))], ...values.map((v): [string, string] => [v, `${trans.__(fact)}: ${v}`])], typeof where[fact] === 'string' ? where[fact] as string : '', v => {
        if (v) where[fact] = v;
        else delete where[fact];
        look();
      }));
    parts.push(...ranges.tools(model.get('numbers') ?? [], model.get('texts') ?? []));
    if (like >= 0) {
      const away = h('button', { type: 'button', class: 'veml-like', title: trans.__('Show them in their order again') }, `${trans.__('like %1', annotations.get(like)?.caption || like)} ×`);
      away.onclick = () => { like = -1; look(); toolbar(); };
      parts.push(away);
    }
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
      pairs.forEach((a, i) => pairs.slice(i + 1).forEach(b => options.push([`${a}\n${b}`, `${nameOfLayer(a)} | ${nameOfLayer(b)}`])));
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
    if (selected.length && model.get('tags')) parts.push(field(trans.__('tag of the chosen'), trans.__('Tag'), tag => tagThem(model.get('selected'), tag, false)));
    const smaller = h('button', { type: 'button', 'aria-label': trans.__('Smaller tiles'), title: trans.__('Smaller tiles (-)') }, '−');
    const larger = h('button', { type: 'button', 'aria-label': trans.__('Larger tiles'), title: trans.__('Larger tiles (+)') }, '+');
    smaller.onclick = () => resize(1 / 1.4);
    larger.onclick = () => resize(1.4);
    const keys = h('button', { type: 'button', 'aria-label': trans.__('Keys (?)'), title: trans.__('Keys (?)') }, '?');
    keys.onclick = tellKeys;
    tools.replaceChildren(...parts, h('span', { class: 'veml-segments' }, smaller, larger), keys);
  }

  function tellKeys(): void {
    help(box.root, [[trans.__('arrows'), trans.__('from tile to tile')], [trans.__('Space'), trans.__('choose a sample or let it go')], ['Enter', trans.__('enlarge it')],
      ['+ −', trans.__('larger and smaller tiles')], ...(model.get('nearest') ? [['s', trans.__('samples like this picture')] as [string, string]] : []), ['b', trans.__('words on boxes')],
      ...(model.get('saves')?.length ? [['u', trans.__('take back what was kept last')] as [string, string]] : []), [trans.__('Shift + click'), trans.__('choose all between two tiles')]]);
  }

  function tagThem(positions: number[], tag: string, remove: boolean): void {
    model.send({ type: 'tag', request: ++request, tag, positions, remove });
  }

  /** The samples whose vectors lie nearest to a sample's, of those that pass the filters. */
  function alike(i: number): void {
    if (!model.get('nearest')) return;
    like = i;
    enlargement.close();
    look();
    toolbar();
  }

  function undo(): void {
    if (undoable) model.send({ type: 'undo', request: ++request });
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
    if (like >= 0) {
      looking = ++request;
      model.send({ type: 'like', request, position: like, where: { ...where } });
      return;
    }
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
    box.root.dataset.looked = String(looking);
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

  /** A good message, with what takes it back. */
  function tell(message: string, back?: () => void): void {
    error.style.display = 'none';
    said.replaceChildren(message);
    if (back) {
      const button = h('button', { type: 'button', class: 'veml-undo' }, trans.__('Undo'));
      button.onclick = back;
      said.append(' ', button);
    }
    said.style.display = '';
  }

  async function receive(message: any, buffers: DataView[]): Promise<void> {
    if (message.type === 'error') {
      fail(message.message);
      asked.forEach((r, p) => { if (r.request === message.request) asked.delete(p); });
      if (message.request === -1 && enlargement.open >= 0) enlargement.say(message.message);
      if (message.request === looking) like = -1;
      box.root.dataset.failed = '1';
      return;
    }
    if (message.type === 'one') return enlargement.picture(message.position, buffers[0]);
    if (message.type === 'about') {
      const { width, height, ...known } = message.about;
      return enlargement.tell(message.position, known, width && height ? [width, height] : null);
    }
    if (message.type === 'spread') return ranges.spread(message.fact, message.edges, message.counts);
    if (message.type === 'tagged' || message.type === 'noted') {
      if (message.filters) filters = message.filters;
      tell(message.message);
      toolbar();
      if (enlargement.open >= 0) model.send({ type: 'about', request: ++request, position: enlargement.open });
      if (typeof where.tag === 'string') look();
      return;
    }
    if (message.type === 'undone') {
      undoable = false;
      return tell(message.message);
    }
    if (message.type === 'found' && message.request === looking) {
      const v = buffers[0];
      found = new Uint32Array(v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength));
      return shown();
    }
    if (message.type === 'saved') {
      undoable = true;
      return tell(message.message, undo);
    }
    if (message.type !== 'samples') return;
    error.style.display = 'none';
    const before = `${classes.length} ${predicted} ${boxed}`;
    const positions: number[] = message.positions;
    positions.forEach((p, k) => {
      const a: Annotation = message.annotations[k];
      annotations.set(p, a);
      for (const m of [a, ...(a.prediction ? [a.prediction] : []), ...Object.values(a.layers ?? {})]) {
        if (m.label !== null && m !== a.prediction) colour(m.label);
        labelsOf(m).forEach(colour);
        boxed ||= m.boxes.length > 0;
      }
      if (a.prediction && a.prediction.label !== null && a.prediction.label !== a.label) predicted = 'wrong';
      else if (a.prediction && !predicted) predicted = 'boxes';
    });
    await Promise.all(positions.map(async (p, k) => {
      const v = buffers[k];
      const bytes = new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
      try {
        const made = await createImageBitmap(new Blob([bytes as BlobPart], { type: 'image/jpeg' }));
        bitmaps.get(p)?.close?.();
        bitmaps.set(p, made);
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
    if (`${classes.length} ${predicted} ${boxed}` !== before || first) {
      head();
      toolbar();
      viewbar();
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
    enlargement.begin(i, annotations.get(i), compare);
    box.root.classList.add('veml-enlarged');
    const size_px = Math.min(1600, sizeFor(0.8 * Math.max(box.root.clientWidth, box.root.clientHeight) * (window.devicePixelRatio || 1)) * (model.get('about') ? 1 : 2));
    model.send({ type: 'one', request: -1, position: i, size_px });
    if (model.get('about')) model.send({ type: 'about', request: ++request, position: i });
    if (!annotations.has(i)) ask([i]);
  }

  const enlargement: LargeView = new LargeView(box.root, colour, looks, {
    describe, choose,
    isChosen: i => model.get('selected').includes(i),
    at: i => [tileOf(i), count()],
    step: by_ => {
      const next = grid.clamp(tileOf(enlargement.open) + by_);
      if (place(next) !== enlargement.open) enlarge(place(next));
      at = next;
      draw();
    },
    finer: i => model.send({ type: 'one', request: -1, position: i, size_px: WHOLE_PX }),
    like: model.get('nearest') ? alike : null,
    tag: model.get('tags') ? (i, tag, remove) => tagThem([i], tag, remove) : null,
    note: model.get('tags') ? (i, text) => model.send({ type: 'note', request: ++request, position: i, text }) : null,
    looked: seenAnew,
    closed: () => {
      box.root.classList.remove('veml-enlarged');
      canvas.focus({ preventScroll: true });
    }
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
    else if (e.key === 's' && at >= 0 && !e.ctrlKey && !e.metaKey) alike(place(at));
    else if (e.key === 'b' && !e.ctrlKey && !e.metaKey) { looks.labels = !looks.labels; seenAnew(); }
    else if (e.key === 'u' && undoable) undo();
    else if (e.key === '?') tellKeys();
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

  ranges.element.addEventListener('veml-rows', () => { toolbar(); layout(); });
  const changed = () => { head(); toolbar(); draw(); };
  const listening: [string, (...a: any[]) => void][] = [
    ['msg:custom', receive], ['change:selected', changed], ['change:title', changed], ['change:count', reload], ['change:filters', () => { filters = model.get('filters') ?? {}; changed(); }], ['change:saves', changed]
  ];
  listening.forEach(([event, heard]) => model.on(event, heard));
  const resizing = new ResizeObserver(layout);
  resizing.observe(wall);
  head();
  toolbar();
  viewbar();
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
