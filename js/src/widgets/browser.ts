/**
 * Notebook widget: image wall of any length (veml_lab/widgets/browser.py).
 *
 * One canvas the size of the window, drawn anew while the page scrolls under it; pictures are asked for in
 * batches ({type: 'get', positions}) and always answered, with JPEG buffers or an error.
 */
import { h, Pictures, s } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import type { RenderContext } from '../drawing/model';
import type { SampleBrowserTraits } from '../traits';
import { Grid } from '../drawing/grid';

export interface Annotation {
  label: string | null;
  boxes: [number, number, number, number, string][];
  caption?: string;
  prediction?: { label: string | null; score: number | null; boxes: Annotation['boxes'] };
}

interface Area { x: number; y: number; w: number; h: number }

/** The largest area of the picture's own shape in the middle of a tile. */
export function contain(width: number, height: number, x: number, y: number, size: number, tall = size): Area {
  const scale = Math.min(size / Math.max(width, 1), tall / Math.max(height, 1));
  const w = width * scale, h = height * scale;
  return { x: x + (size - w) / 2, y: y + (tall - h) / 2, w, h };
}

const GAP = 6;
const KEPT = 1500;

function outlineKey(stroke: string, text: string, dash?: string): HTMLElement {
  return h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true },
    s('rect', { x: 2, y: 2, width: 12, height: 12, fill: 'none', stroke, 'stroke-width': 2, 'stroke-dasharray': dash })), text);
}

export function render({ model, el }: RenderContext<SampleBrowserTraits>): () => void {
  const box = frame(el, 'veml-browser', 'Samples', () => { colours(); draw(); });
  box.root.style.position = 'relative';
  const bar = h('div', { class: 'veml-bar' });
  const wall = h('div', { class: 'veml-wall' });
  const canvas = h('canvas', { tabindex: 0, role: 'img' });
  const spacer = h('div');
  const tip = h('div', { class: 'veml-tip', style: 'display:none' });
  const error = h('div', { class: 'veml-error', role: 'alert', style: 'display:none' });
  wall.append(canvas, spacer);
  box.root.append(bar, error, wall, tip);
  const pictures = new Pictures();
  const bitmaps = new Map<number, ImageBitmap>();
  const annotations = new Map<number, Annotation>();
  const asked = new Map<number, number>(); // position -> request
  const classes: string[] = [...model.get('classes')];
  let predicted: '' | 'wrong' | 'boxes' = '', request = 0, large = -1, at = -1, frameId = 0, timer = 0, palette = box.colours();
  const grid = new Grid(model.get('thumb_px'), GAP);

  function colours(): void { palette = box.colours(); }

  function colour(label: string): string {
    let i = classes.indexOf(label);
    if (i < 0) i = classes.push(label) - 1;
    return SERIES[i % SERIES.length];
  }

  function layout(): void {
    const W = wall.clientWidth, H = model.get('height');
    wall.style.height = `${H}px`;
    if (!W) return;
    grid.resize(model.get('count'), W, H);
    const dpr = window.devicePixelRatio || 1;
    canvas.width = W * dpr;
    canvas.height = H * dpr;
    canvas.style.width = `${W}px`;
    canvas.style.height = `${H}px`;
    spacer.style.height = `${grid.scrollHeight - H}px`;
    draw();
  }

  function ask(positions: number[]): void {
    const missing = positions.filter(p => !asked.has(p));
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
    const visible = grid.visible();
    const chosen = new Set(model.get('selected'));
    for (const i of visible) {
      const [x, y] = grid.place(i), S = grid.size, T = grid.tall;
      const bitmap = bitmaps.get(i);
      const area = bitmap ? contain(bitmap.width, bitmap.height, x, y, S, T) : { x, y, w: S, h: T };
      ctx.fillStyle = palette.raised;
      ctx.fillRect(x, y, S, T);
      if (bitmap) {
        bitmaps.delete(i); // moved to the end: the least recently seen go first
        bitmaps.set(i, bitmap);
        ctx.imageSmoothingEnabled = bitmap.width > 40; // tiny pictures keep their pixels
        ctx.drawImage(bitmap, area.x, area.y, area.w, area.h);
      }
      const a = annotations.get(i);
      if (a) mark(ctx, a, area);
      if (chosen.has(i)) outline(ctx, x, y, S, T, palette.accent, 4);
      if (i === at) outline(ctx, x, y, S, T, palette.text, 2);
    }
    window.clearTimeout(timer);
    // a wall that flies past is not asked for
    timer = window.setTimeout(() => ask(grid.visible()), bitmaps.size ? 60 : 0);
  }

  function mark(ctx: CanvasRenderingContext2D, a: Annotation, { x, y, w, h: tall }: Area): void {
    ctx.lineWidth = 1.6;
    for (const [bx, by, bw, bh, label] of a.boxes) {
      ctx.strokeStyle = colour(label);
      ctx.strokeRect(x + bx * w, y + by * tall, bw * w, bh * tall);
    }
    if (a.label !== null) {
      ctx.fillStyle = colour(a.label);
      ctx.fillRect(x, y + tall - 4, w, 4);
    }
    const said = a.prediction;
    if (!said) return;
    ctx.setLineDash([4, 3]);
    for (const [bx, by, bw, bh, label] of said.boxes) {
      ctx.strokeStyle = colour(label);
      ctx.strokeRect(x + bx * w, y + by * tall, bw * w, bh * tall);
    }
    ctx.setLineDash([]);
    if (said.label !== null && said.label !== a.label) outline(ctx, x, y, w, tall, palette.bad, 2);
  }

  function outline(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, tall: number, stroke: string, width: number): void {
    ctx.strokeStyle = stroke;
    ctx.lineWidth = width;
    ctx.strokeRect(x + width / 2, y + width / 2, w - width, tall - width);
  }

  function describe(i: number): string {
    const a = annotations.get(i);
    if (!a) return `${i}`;
    const counted = new Map<string, number>();
    a.boxes.forEach(b => counted.set(b[4], (counted.get(b[4]) ?? 0) + 1));
    const boxes = [...counted].map(([label, n]) => `${n} × ${label}`).join(', ');
    return [`${i}`, a.caption, a.label, boxes, guess(a)].filter(Boolean).join(' · ');
  }

  function guess(a: Annotation): string {
    const said = a.prediction;
    if (!said) return '';
    const sure = said.score === null ? '' : ` (${said.score.toFixed(2)})`;
    return said.label === null ? `${said.boxes.length} predicted` : `predicted ${said.label}${sure}`;
  }

  function head(): void {
    const shown = classes.slice(0, 12);
    const selected = model.get('selected').length;
    bar.replaceChildren(
      h('span', { class: 'veml-title' }, model.get('title') || 'Samples'),
      h('span', { class: 'veml-note', 'aria-live': 'polite' }, `${model.get('count').toLocaleString('en-US')} samples${selected ? ` · ${selected} chosen` : ''}`),
      h('span', { class: 'veml-space' }),
      ...shown.map(c => h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, s('rect', { x: 2, y: 2, width: 12, height: 12, rx: 3, fill: colour(c) })), c)),
      ...(predicted === 'wrong' ? [outlineKey('var(--veml-bad)', 'predicted otherwise')] : predicted ? [outlineKey('var(--veml-muted)', 'predicted', '3 2')] : []),
      ...(classes.length > 12 ? [h('span', { class: 'veml-note' }, `and ${classes.length - 12} more`)] : []));
    canvas.setAttribute('aria-label', `Wall of ${model.get('count')} samples. Arrow keys move, Space chooses, Enter enlarges.${at >= 0 ? ` At ${describe(at)}.` : ''}`);
  }

  async function receive(message: any, buffers: DataView[]): Promise<void> {
    if (message.type === 'error') {
      error.textContent = message.message;
      error.style.display = '';
      asked.forEach((r, p) => { if (r === message.request) asked.delete(p); });
      if (message.request === -1) close();
      box.root.dataset.failed = '1';
      return;
    }
    if (message.type === 'one' && message.position === large) return enlarged(buffers[0]);
    if (message.type !== 'samples') return;
    error.style.display = 'none';
    const before = `${classes.length} ${predicted}`;
    const positions: number[] = message.positions;
    positions.forEach((p, k) => {
      const a: Annotation = message.annotations[k];
      annotations.set(p, a);
      if (a.label !== null) colour(a.label);
      a.prediction?.boxes.forEach(b => colour(b[4]));
      if (a.prediction && a.prediction.label !== null && a.prediction.label !== a.label) predicted = 'wrong';
      else if (a.prediction?.boxes.length) predicted = 'boxes';
      a.boxes.forEach(b => colour(b[4]));
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
    if (`${classes.length} ${predicted}` !== before || !box.root.dataset.loaded) head();
    box.root.dataset.loaded = String(bitmaps.size);
    if (first && grid.shape([...bitmaps.values()].map(b => b.width / b.height))) layout();
    else draw();
  }

  function choose(i: number): void {
    const chosen = new Set(model.get('selected'));
    if (!chosen.delete(i)) chosen.add(i);
    model.set('selected', [...chosen].sort((a, b) => a - b));
    model.save_changes();
    head();
    draw();
  }

  function enlarge(i: number): void {
    close();
    large = i;
    model.send({ type: 'one', request: -1, position: i, size_px: 768 });
  }

  function enlarged(bytes: DataView): void {
    const i = large;
    const a = annotations.get(i);
    const image = h('img', { src: pictures.url(bytes), alt: describe(i) });
    const figure = h('figure', {}, image);
    if (a && (a.boxes.length || a.prediction?.boxes.length)) {
      const over = s('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': true });
      const draw = (boxes: Annotation['boxes'], dash?: string) => boxes.forEach(([x, y, width, height, label]) => over.append(
        s('rect', { x, y, width, height, fill: 'none', stroke: colour(label), 'stroke-width': 2.5, 'stroke-dasharray': dash, 'vector-effect': 'non-scaling-stroke' })));
      draw(a.boxes);
      draw(a.prediction?.boxes ?? [], '7 5');
      figure.append(over);
    }
    const pick = h('button', { type: 'button' }, model.get('selected').includes(i) ? 'Let go' : 'Choose');
    const shut = h('button', { type: 'button' }, 'Close');
    pick.onclick = () => { choose(i); close(); };
    shut.onclick = close;
    const panel = h('div', { class: 'veml-large', role: 'dialog', 'aria-label': `Sample ${i}` }, figure,
      h('div', {}, describe(i)), h('div', { style: 'display:flex;gap:8px' }, pick, shut));
    panel.onkeydown = e => {
      if (e.key === 'Escape') close();
      else if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') enlarge(grid.clamp(i + (e.key === 'ArrowRight' ? 1 : -1)));
      else return;
      e.preventDefault();
      e.stopPropagation();
    };
    box.root.append(panel);
    shut.focus();
  }

  function close(): void {
    large = -1;
    pictures.release();
    box.root.querySelector('.veml-large')?.remove();
    canvas.focus({ preventScroll: true });
  }

  const placed = (e: MouseEvent) => grid.at(e.offsetX, e.offsetY);
  canvas.onclick = e => {
    const i = placed(e);
    if (i < 0) return;
    at = i;
    if (e.ctrlKey || e.metaKey || e.shiftKey) choose(i);
    else enlarge(i);
  };
  canvas.onpointermove = e => {
    const i = placed(e);
    tip.style.display = i < 0 ? 'none' : '';
    if (i < 0) return;
    tip.textContent = describe(i);
    const r = box.root.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(e.clientX - r.left + 12, r.width - tip.offsetWidth - 6))}px`;
    tip.style.top = `${e.clientY - r.top + 16}px`;
  };
  canvas.onpointerleave = () => { tip.style.display = 'none'; };
  canvas.onkeydown = e => {
    const step: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: grid.columns, ArrowUp: -grid.columns };
    if (e.key in step) at = at < 0 ? 0 : grid.clamp(at + step[e.key]);
    else if (e.key === 'Home') at = 0;
    else if (e.key === 'End') at = model.get('count') - 1;
    else if (e.key === ' ' && at >= 0) choose(at);
    else if (e.key === 'Enter' && at >= 0) enlarge(at);
    else return;
    e.preventDefault();
    e.stopPropagation();
    const top = grid.reveal(at);
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
    head();
    layout();
  }

  const changed = () => { head(); draw(); };
  model.on('msg:custom', receive);
  model.on('change:selected', changed);
  model.on('change:title', changed);
  model.on('change:count', reload);
  const resizing = new ResizeObserver(layout);
  resizing.observe(wall);
  head();
  layout();
  return () => {
    model.off('msg:custom', receive);
    model.off('change:selected', changed);
    model.off('change:title', changed);
    model.off('change:count', reload);
    resizing.disconnect();
    window.clearTimeout(timer);
    cancelAnimationFrame(frameId);
    bitmaps.forEach(b => b.close?.());
    pictures.release();
    box.dispose();
  };
}

export default { render };
