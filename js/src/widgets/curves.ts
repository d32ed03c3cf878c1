/** Notebook widget: training curves, one small chart a metric, live (veml_lab/widgets/curves.py). */
import { h, number, s } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { range, tick, ticks } from '../drawing/scale';
import { SERIES } from '../drawing/theme';
import type { RenderContext } from '../drawing/model';
import { count as inWords, trans } from '../drawing/words';
import type { TrainingCurvesTraits } from '../traits';

/** a value that is no number breaks the line */
type Point = [number, number | null];
type Runs = Record<string, Record<string, Point[]>>;
type Span = [number, number];
interface Line { run: string; colour: string; points: Point[] }
const W = 420, H = 220, LEFT = 44, RIGHT = 10, TOP = 8, BOTTOM = 30;
const HOLD = 300; // ms between two questions of a run that grows
let clips = 0;

const finite = (p: Point): p is [number, number] => p[1] !== null && Number.isFinite(p[1]);

/** The stretches between gaps. */
function pieces(points: Point[]): [number, number][][] {
  const out: [number, number][][] = [[]];
  for (const p of points) {
    if (finite(p)) out[out.length - 1].push(p);
    else if (out[out.length - 1].length) out.push([]);
  }
  return out.filter(piece => piece.length);
}

export function render({ model, el }: RenderContext<TrainingCurvesTraits>): () => void {
  const box = frame(el, 'veml-curves', 'Training curves', () => draw());
  const keys = h('span', { style: 'display:contents' });
  const note = h('span', { class: 'veml-note', role: 'status' });
  const from = h('input', { type: 'number', step: 'any', 'aria-label': trans.__('First step shown'), style: 'width:90px' });
  const to = h('input', { type: 'number', step: 'any', 'aria-label': trans.__('Last step shown'), style: 'width:90px' });
  const all = h('button', { type: 'button', title: trans.__('Show every step again (double click on a chart does too)') }, trans.__('All steps'));
  const steps = h('span', { class: 'veml-note' }, trans.__('Steps'), ' ', from, ' – ', to, ' ', all);
  const bar = h('div', { class: 'veml-bar' }, h('span', { class: 'veml-title' }, trans.__('Training')), keys, h('span', { class: 'veml-space' }), note, steps);
  const panes = h('div', { class: 'veml-panes', style: 'padding-top:10px' });
  const tip = h('div', { class: 'veml-tip', style: 'display:none' });
  box.root.style.position = 'relative';
  const figuresHead = h('summary'), figuresPanes = h('div', { class: 'veml-panes' });
  const figures = h('details', { class: 'veml-figures' }, figuresHead, figuresPanes); // last and folded: they say nothing of the model
  figures.ontoggle = () => draw();
  box.root.append(bar, panes, figures, tip);
  const hidden = new Set<string>();
  let zoom: Span | null = null, finer: Runs | null = null, request = 0, timer = 0, problem = '';

  const drawn = (): Runs => (zoom && finer ? finer : (model.get('runs') as Runs));
  const coarse = (): boolean => {
    const sent = Object.values(model.get('runs')).reduce((n, metrics) => n + Object.values(metrics).reduce((m, p) => m + p.length, 0), 0);
    return sent < (model.get('points') ?? 0);
  };

  /** Show a part of the steps: at once from the points that are here, then from those that the kernel sends. */
  function show(span: Span | null): void {
    zoom = span;
    finer = null;
    ask();
    draw();
  }
  function ask(): void {
    problem = '';
    request++; // an answer under way is for another part
    if (zoom && coarse()) model.send({ type: 'points', request, from: zoom[0], to: zoom[1] });
  }
  const receive = (answer: { type: string; request: number; message?: string; runs: Runs }): void => {
    if (answer.request !== request) return;
    if (answer.type === 'points') finer = answer.runs;
    else problem = trans.__('No finer points: %1', answer.message ?? answer.type);
    draw();
  };
  function typed(): void {
    const a = from.valueAsNumber, b = to.valueAsNumber;
    if (Number.isFinite(a) && Number.isFinite(b) && a < b) show([a, b]);
    else draw();
  }
  from.onchange = typed;
  to.onchange = typed;
  all.onclick = () => show(null);

  function draw(): void {
    const runs = drawn();
    const names = Object.keys(model.get('runs'));
    const colour = (run: string) => SERIES[names.indexOf(run) % SERIES.length];
    const known = [...keys.children] as HTMLElement[];
    if (known.map(k => k.dataset.run).join('\n') !== names.join('\n')) keys.replaceChildren(...names.map(run => {
      const key = h('button', { type: 'button', 'data-run': run, title: trans.__('Show or hide this run') },
        h('span', { style: `display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle;background:${colour(run)}` }), run);
      key.onclick = () => {
        if (!hidden.delete(run)) hidden.add(run);
        draw();
      };
      return key;
    }));
    for (const key of keys.children) key.setAttribute('aria-pressed', String(!hidden.has((key as HTMLElement).dataset.run!)));
    const metrics = [...new Set(names.flatMap(r => Object.keys(model.get('runs')[r])))];
    const shown = names.filter(r => !hidden.has(r));
    const every = range(Object.values(model.get('runs')).flatMap(m => Object.values(m).flatMap(points => points.length ? [points[0][0], points[points.length - 1][0]] : [])));
    const system = metrics.filter(m => (model.get('system') ?? []).includes(m));
    const charts = (some: string[]) => some.map(m => chart(m, shown.filter(r => runs[r]?.[m]?.length).map(r => ({ run: r, colour: colour(r), points: runs[r][m] }))));
    panes.replaceChildren(...charts(metrics.filter(m => !system.includes(m))));
    figures.hidden = !system.length;
    figuresHead.textContent = trans.__('Figures of the machine: %1', system.join(', '));
    figuresPanes.replaceChildren(...(figures.open ? charts(system) : []));
    if (!metrics.length) panes.replaceChildren(h('div', { class: 'veml-empty' }, trans.__('No training has reported yet.')));
    steps.hidden = !metrics.length;
    all.disabled = !zoom;
    [from.value, to.value] = (zoom ?? every).map(v => String(Number(v.toPrecision(9))));
    const thin = coarse() && !(zoom && finer);
    note.textContent = problem || (thin ? trans.__('%1 points, drawn by their extremes; drag over a chart to see a part', inWords(model.get('points'))) : '');
    box.root.dataset.finer = String(Boolean(zoom && finer));
    box.root.dataset.ready = '1';
  }

  function chart(metric: string, lines: Line[]): HTMLElement {
    const here = lines.flatMap(l => l.points).filter(finite).filter(p => !zoom || (p[0] >= zoom[0] && p[0] <= zoom[1]));
    const [low, high] = zoom ?? range(here.map(p => p[0]));
    const x0 = low, x1 = Math.max(high, x0 + 1e-9);
    let [y0, y1] = range(here.map(p => p[1]));
    const pad = (y1 - y0 || Math.abs(y1) || 1) * 0.06;
    y0 = y0 >= 0 ? Math.max(0, y0 - pad) : y0 - pad;
    y1 += pad;
    const px = (x: number) => LEFT + ((x - x0) / (x1 - x0)) * (W - LEFT - RIGHT);
    const py = (y: number) => H - BOTTOM - ((y - y0) / (y1 - y0)) * (H - TOP - BOTTOM);
    const last = (l: Line) => number(l.points[l.points.length - 1][1] ?? NaN);
    const svg = s('svg', {
      viewBox: `0 0 ${W} ${H}`, role: 'img', style: 'cursor:crosshair',
      'aria-label': `${metric}${zoom ? `, ${trans.__('steps %1 to %2', tick(x0), tick(x1))}` : ''}: ${lines.map(l => trans.__('%1 ends at %2', l.run, last(l))).join(', ') || trans.__('nothing yet')}`
    });
    if (here.length) {
      for (const t of ticks(y0, y1)) {
        svg.append(s('line', { x1: LEFT, x2: W - RIGHT, y1: py(t), y2: py(t), stroke: 'var(--veml-line)' }),
          s('text', { x: LEFT - 6, y: py(t) + 4, 'text-anchor': 'end', class: 'veml-small' }, tick(t)));
      }
      for (const t of ticks(x0, x1, 5)) if (t >= x0 && t <= x1) svg.append(s('text', { x: px(t), y: H - 12, 'text-anchor': 'middle', class: 'veml-small' }, tick(t)));
    }
    const clip = `veml-clip-${++clips}`; // the lines run on to neighbours outside of the part
    svg.append(s('clipPath', { id: clip }, s('rect', { x: LEFT - 4, y: 0, width: W - LEFT - RIGHT + 8, height: H - BOTTOM + 4 })));
    const ink = s('g', { 'clip-path': `url(#${clip})` });
    svg.append(ink);
    for (const { colour, points } of lines) {
      for (const piece of pieces(points)) {
        const whole = piece.length > 1 ? piece : [piece[0], piece[0]]; // a lone point is a dot: its caps are round
        ink.append(s('polyline', { points: whole.map(p => `${px(p[0]).toFixed(2)},${py(p[1]).toFixed(2)}`).join(' '), fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }));
      }
      const end = points.filter(finite).pop();
      if (end && !zoom) ink.append(s('circle', { cx: px(end[0]), cy: py(end[1]), r: 3.5, fill: colour }));
    }
    const guide = s('line', { y1: TOP, y2: H - BOTTOM, stroke: 'var(--veml-muted)', 'stroke-dasharray': '3 3', visibility: 'hidden' });
    const chosen = s('rect', { y: TOP, height: H - TOP - BOTTOM, fill: 'var(--veml-muted)', 'fill-opacity': 0.25, visibility: 'hidden' });
    svg.append(guide, chosen);
    const at = (e: PointerEvent): number => {
      const r = svg.getBoundingClientRect();
      const share = (((e.clientX - r.left) / r.width) * W - LEFT) / (W - LEFT - RIGHT);
      return x0 + Math.max(0, Math.min(1, share)) * (x1 - x0);
    };
    let began: number | null = null;
    svg.onpointerdown = e => {
      if (!here.length || e.button !== 0) return;
      began = at(e);
      svg.setPointerCapture(e.pointerId);
    };
    svg.onpointerup = e => {
      const a = began, b = at(e);
      began = null;
      chosen.setAttribute('visibility', 'hidden');
      if (a !== null && Math.abs(px(b) - px(a)) > 5) show([Math.min(a, b), Math.max(a, b)]);
    };
    svg.onpointercancel = () => {
      began = null;
      chosen.setAttribute('visibility', 'hidden');
    };
    svg.ondblclick = () => show(null);
    svg.onpointermove = e => {
      if (!here.length) return;
      const x = at(e);
      if (began !== null) {
        chosen.setAttribute('x', String(px(Math.min(began, x))));
        chosen.setAttribute('width', String(Math.abs(px(x) - px(began))));
        chosen.setAttribute('visibility', 'visible');
      }
      const nearest = (points: [number, number][]) => points.reduce((b, p) => (Math.abs(p[0] - x) < Math.abs(b[0] - x) ? p : b), points[0]);
      const step = nearest(here)[0];
      guide.setAttribute('x1', String(px(step)));
      guide.setAttribute('x2', String(px(step)));
      guide.setAttribute('visibility', 'visible');
      const said = lines.flatMap(l => {
        const own = l.points.filter(finite);
        const p = own.length ? nearest(own) : null;
        return p && Math.abs(px(p[0]) - px(step)) < 2 ? [`${l.run} ${number(p[1], 4)}`] : [];
      });
      tip.textContent = trans.__('step %1: %2', number(step), said.join(' · '));
      tip.style.display = '';
      const b = box.root.getBoundingClientRect();
      tip.style.left = `${Math.min(e.clientX - b.left + 12, b.width - tip.offsetWidth - 8)}px`;
      tip.style.top = `${e.clientY - b.top - 30}px`;
    };
    svg.onpointerleave = () => {
      guide.setAttribute('visibility', 'hidden');
      tip.style.display = 'none';
    };
    return h('div', {}, h('h4', {}, metric), svg);
  }

  function changed(): void {
    draw();
    window.clearTimeout(timer);
    if (zoom) timer = window.setTimeout(ask, HOLD); // the part that is shown may have grown
  }
  model.on('change:runs', changed);
  model.on('change:points', changed);
  model.on('msg:custom', receive);
  draw();
  return () => {
    window.clearTimeout(timer);
    model.off('change:runs', changed);
    model.off('change:points', changed);
    model.off('msg:custom', receive);
    box.dispose();
  };
}

export default { render };
