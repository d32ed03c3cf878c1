/** Parallel coordinates: one axis a field, one line a run; dragging along an axis keeps the runs that pass there. */
import { h, s } from './dom';
import { range, tick, ticks } from './scale';
import { trans } from './words';

export type Cell = string | number | boolean | null | undefined;
export interface Line { name: string; colour: string; strong: boolean; values: Record<string, Cell> }
export type Brushes = Map<string, [number, number]>;

const H = 230, TOP = 34, BOTTOM = 14;

export interface Axis {
  field: string;
  /** 0 at the foot, 1 at the top; null where the run has no value there */
  place: (v: Cell) => number | null;
  marks: [number, string][];
}

/** The scale of a field: numbers in their range, anything else at even steps. */
export function axis(field: string, lines: Line[]): Axis {
  const values = lines.map(l => l.values[field]).filter(v => v !== null && v !== undefined);
  if (values.every(v => typeof v === 'number')) {
    const [low, high] = range(values as number[]);
    const place = (v: Cell) => (typeof v === 'number' && Number.isFinite(v) ? (high > low ? (v - low) / (high - low) : 0.5) : null);
    return { field, place, marks: ticks(low, high, 4).map(t => [place(t)!, tick(t)]) };
  }
  const names = [...new Set(values.map(String))].sort();
  const place = (v: Cell) => (v === null || v === undefined ? null : names.length > 1 ? names.indexOf(String(v)) / (names.length - 1) : 0.5);
  return { field, place, marks: names.slice(0, 8).map(n => [place(n)!, n.length > 14 ? `${n.slice(0, 13)}…` : n]) };
}

/** Whether a run passes through every brush. */
export function passes(line: Line, axes: Axis[], brushes: Brushes): boolean {
  return axes.every(a => {
    const brush = brushes.get(a.field);
    if (!brush) return true;
    const at = a.place(line.values[a.field]);
    return at !== null && at >= brush[0] - 1e-9 && at <= brush[1] + 1e-9;
  });
}

export function parallel(fields: string[], lines: Line[], brushes: Brushes, changed: () => void, width = 900): HTMLElement {
  const axes = fields.map(f => axis(f, lines));
  const step = axes.length > 1 ? (width - 130) / (axes.length - 1) : 0;
  const x = (i: number) => 50 + i * step, y = (v: number) => H - BOTTOM - v * (H - TOP - BOTTOM);
  const svg = s('svg', { viewBox: `0 0 ${width} ${H}`, role: 'img', 'aria-label': trans.__('Parallel coordinates of %1 runs over %2', lines.length, fields.join(', ')) });
  for (const on of [false, true]) {
    for (const line of lines) {
      if (passes(line, axes, brushes) !== on) continue;
      const points = axes.map((a, i) => { const at = a.place(line.values[a.field]); return at === null ? '' : `${x(i)},${y(at)}`; }).filter(Boolean);
      svg.append(s('polyline', { points: points.join(' '), fill: 'none', stroke: on ? line.colour : 'var(--veml-line)', 'stroke-width': on && line.strong ? 3 : 1.6, 'stroke-opacity': on ? 0.9 : 0.5, 'data-run': line.name },
        s('title', {}, line.name)));
    }
  }
  axes.forEach((a, i) => {
    svg.append(s('text', { x: x(i), y: 16, 'text-anchor': 'middle', style: 'font-weight:600' }, a.field.length > 16 ? `${a.field.slice(0, 15)}…` : a.field),
      s('line', { x1: x(i), x2: x(i), y1: y(0), y2: y(1), stroke: 'var(--veml-muted)' }));
    for (const [at, text] of a.marks) svg.append(s('text', { x: x(i) + 6, y: y(at) + 4, class: 'veml-small' }, text));
    const brush = brushes.get(a.field);
    if (brush) svg.append(s('rect', { x: x(i) - 7, width: 14, y: y(brush[1]), height: Math.max(2, y(brush[0]) - y(brush[1])), class: 'veml-brush' }));
    const grip = s('rect', { x: x(i) - 14, width: 28, y: TOP - 10, height: H - TOP - BOTTOM + 20, fill: 'transparent', style: 'cursor:row-resize', 'data-axis': a.field },
      s('title', {}, trans.__('Drag to keep a range of %1; a click clears it', a.field)));
    const where = (e: PointerEvent) => {
      const r = svg.getBoundingClientRect();
      return Math.max(0, Math.min(1, (y(0) - ((e.clientY - r.top) / (r.height || 1)) * H) / (y(0) - y(1))));
    };
    let from: number | null = null;
    grip.onpointerdown = e => { from = where(e); grip.setPointerCapture?.(e.pointerId); };
    grip.onpointerup = e => {
      if (from === null) return;
      const to = where(e);
      if (Math.abs(to - from) < 0.02) brushes.delete(a.field);
      else brushes.set(a.field, [Math.min(from, to), Math.max(from, to)]);
      from = null;
      changed();
    };
    svg.append(grip);
  });
  return h('div', { class: 'veml-parallel' }, svg);
}
