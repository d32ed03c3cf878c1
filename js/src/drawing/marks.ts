/** Marks of one annotation layer on a picture: class, boxes, polygons, masks, keypoints. */
import { s } from './dom';

export interface Marks {
  label: string | null;
  score?: number | null;
  boxes: [number, number, number, number, string][];
  polygons?: [string, number[][]][];
  /** label, height, width, run lengths along rows, the first run outside */
  masks?: [string, number, number, number[]][];
  keypoints?: [string, [number, number, number][]][];
}

export interface Annotation extends Marks {
  caption?: string;
  prediction?: Marks;
  layers?: Record<string, Marks>;
}

export interface Area { x: number; y: number; w: number; h: number }
export type Colour = (label: string) => string;

/** The marks of a layer by its name; undefined where this sample has none. */
export function layer(a: Annotation, name: string): Marks | undefined {
  return name === 'annotations' ? a : name === 'prediction' ? a.prediction : a.layers?.[name];
}

export function labelsOf(m: Marks): string[] {
  return [...m.boxes.map(b => b[4]), ...(m.polygons ?? []).map(p => p[0]), ...(m.masks ?? []).map(p => p[0]), ...(m.keypoints ?? []).map(p => p[0])];
}

const isEmpty = (m: Marks) => !m.boxes.length && !m.polygons?.length && !m.masks?.length && !m.keypoints?.length;

/** "3 × car, 1 × truck" or the class with its score. */
export function inWords(m: Marks): string {
  const counted = new Map<string, number>();
  labelsOf(m).forEach(l => counted.set(l, (counted.get(l) ?? 0) + 1));
  const objects = [...counted].map(([label, n]) => `${n} × ${label}`).join(', ');
  const sure = m.score === null || m.score === undefined ? '' : ` (${m.score.toFixed(2)})`;
  return [m.label === null ? '' : m.label + sure, objects].filter(Boolean).join(' · ');
}

/** Draw a layer into `area` of a canvas; `dashed` for what a model says. */
export function drawMarks(ctx: CanvasRenderingContext2D, m: Marks, { x, y, w, h }: Area, colour: Colour, dashed = false): void {
  ctx.save();
  ctx.lineWidth = 1.6;
  for (const [label, high, wide, counts] of m.masks ?? []) {
    const stencil = maskImage(high, wide, counts, colour(label));
    if (!stencil) continue;
    ctx.imageSmoothingEnabled = false; // a mask ends where it ends
    ctx.drawImage(stencil, x, y, w, h);
  }
  if (dashed) ctx.setLineDash([4, 3]);
  for (const [label, rings] of m.polygons ?? []) {
    ctx.beginPath();
    for (const ring of rings) {
      for (let i = 0; i + 1 < ring.length; i += 2) {
        if (i) ctx.lineTo(x + ring[i] * w, y + ring[i + 1] * h);
        else ctx.moveTo(x + ring[i] * w, y + ring[i + 1] * h);
      }
      ctx.closePath();
    }
    ctx.strokeStyle = ctx.fillStyle = colour(label);
    ctx.globalAlpha = 0.28;
    ctx.fill('evenodd');
    ctx.globalAlpha = 1;
    ctx.stroke();
  }
  for (const [bx, by, bw, bh, label] of m.boxes) {
    ctx.strokeStyle = colour(label);
    ctx.strokeRect(x + bx * w, y + by * h, bw * w, bh * h);
  }
  ctx.setLineDash([]);
  for (const [label, points] of m.keypoints ?? []) {
    for (const [px, py, seen] of points) {
      if (!seen) continue;
      ctx.beginPath();
      ctx.arc(x + px * w, y + py * h, 2.6, 0, Math.PI * 2);
      ctx.fillStyle = ctx.strokeStyle = colour(label);
      if (seen === 2) ctx.fill();
      else ctx.stroke(); // hidden behind something
    }
  }
  if (m.label !== null) {
    ctx.fillStyle = colour(m.label);
    ctx.fillRect(x, y + h - 4, w, 4);
  }
  ctx.restore();
}

const stencils = new Map<string, HTMLCanvasElement>();

/** A run-length mask as a half transparent picture. */
function maskImage(high: number, wide: number, counts: number[], colour: string): HTMLCanvasElement | null {
  const key = `${colour} ${high} ${wide} ${counts.join(',')}`;
  const known = stencils.get(key);
  if (known) return known;
  const canvas = document.createElement('canvas');
  canvas.width = wide;
  canvas.height = high;
  const ctx = canvas.getContext('2d');
  if (!ctx) return null;
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.42;
  let at = 0;
  counts.forEach((run, i) => {
    for (let left = run; left > 0;) {
      const column = at % wide, here = Math.min(left, wide - column);
      if (i % 2) ctx.fillRect(column, Math.floor(at / wide), here, 1);
      at += here;
      left -= here;
    }
  });
  if (stencils.size > 2000) stencils.clear();
  stencils.set(key, canvas);
  return canvas;
}

/** The same marks over an enlarged picture, as SVG in a box of 1 x 1 (null where there is nothing to draw). */
export function overlay(layers: [Marks, boolean][], colour: Colour, width: number, height: number): SVGSVGElement | null {
  if (layers.every(([m]) => isEmpty(m))) return null;
  const over = s('svg', { viewBox: '0 0 1 1', preserveAspectRatio: 'none', 'aria-hidden': true });
  const thin = { 'stroke-width': 2.5, 'vector-effect': 'non-scaling-stroke' };
  for (const [m, dashed] of layers) {
    const dash = dashed ? '7 5' : undefined;
    for (const [label, rows, columns, counts] of m.masks ?? []) {
      const stencil = maskImage(rows, columns, counts, colour(label));
      if (stencil) over.append(s('image', { href: stencil.toDataURL(), x: 0, y: 0, width: 1, height: 1, preserveAspectRatio: 'none' }));
    }
    for (const [label, rings] of m.polygons ?? []) {
      const d = rings.map(r => `M${r.reduce((t, v, i) => t + (i ? (i % 2 ? ' ' : 'L') : '') + v.toFixed(5), '')}Z`).join('');
      over.append(s('path', { d, fill: colour(label), 'fill-opacity': 0.28, 'fill-rule': 'evenodd', stroke: colour(label), 'stroke-dasharray': dash, ...thin }));
    }
    for (const [x, y, w, h, label] of m.boxes) {
      over.append(s('rect', { x, y, width: w, height: h, fill: 'none', stroke: colour(label), 'stroke-dasharray': dash, ...thin }));
    }
    for (const [label, points] of m.keypoints ?? []) {
      for (const [x, y, seen] of points) {
        if (seen) over.append(s('ellipse', { cx: x, cy: y, rx: 4 / width, ry: 4 / height, fill: seen === 2 ? colour(label) : 'none', stroke: colour(label), ...thin }));
      }
    }
  }
  return over;
}
