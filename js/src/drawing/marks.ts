/** Marks of one annotation layer on a picture: class, boxes, polygons, masks, keypoints. */

export interface Marks {
  label: string | null;
  score?: number | null;
  /** relative x, y, width, height, class, and how sure a model is of it */
  boxes: [number, number, number, number, string, number?][];
  polygons?: [string, number[][]][];
  /** label, height, width, run lengths along rows, the first run outside */
  masks?: [string, number, number, number[]][];
  keypoints?: [string, [number, number, number][]][];
}

export interface Annotation extends Marks {
  caption?: string;
  /** how wrong the sample is, and how */
  cost?: number;
  kinds?: string[];
  prediction?: Marks;
  layers?: Record<string, Marks>;
}

export interface Area { x: number; y: number; w: number; h: number }
export type Colour = (label: string) => string;

/** What of the marks is to be seen: the same for the wall and for the enlarged picture. */
export interface Looks { classes: Set<string>; layers: Set<string>; score: number; labels: boolean }

/** The marks without the classes that are hidden, and of a model's without what it is less sure of. */
export function seen(m: Marks, looks: Looks, predicted: boolean): Marks {
  const held = (label: string) => !looks.classes.has(label);
  const unsure = predicted && m.label !== null && m.score !== null && m.score !== undefined && m.score < looks.score;
  return {
    ...m,
    label: m.label !== null && held(m.label) && !unsure ? m.label : null,
    boxes: m.boxes.filter(b => held(b[4]) && (!predicted || b[5] === undefined || b[5] >= looks.score)),
    polygons: m.polygons?.filter(p => held(p[0])),
    masks: m.masks?.filter(p => held(p[0])),
    keypoints: m.keypoints?.filter(p => held(p[0]))
  };
}

/** The marks of a layer by its name; undefined where this sample has none. */
export function layer(a: Annotation, name: string): Marks | undefined {
  return name === 'annotations' ? a : name === 'prediction' ? a.prediction : a.layers?.[name];
}

export function labelsOf(m: Marks): string[] {
  return [...m.boxes.map(b => b[4]), ...(m.polygons ?? []).map(p => p[0]), ...(m.masks ?? []).map(p => p[0]), ...(m.keypoints ?? []).map(p => p[0])];
}

/** "3 × car, 1 × truck" or the class with its score. */
export function inWords(m: Marks): string {
  const counted = new Map<string, number>();
  labelsOf(m).forEach(l => counted.set(l, (counted.get(l) ?? 0) + 1));
  const objects = [...counted].map(([label, n]) => `${n} × ${label}`).join(', ');
  const sure = m.score === null || m.score === undefined ? '' : ` (${m.score.toFixed(2)})`;
  return [m.label === null ? '' : m.label + sure, objects].filter(Boolean).join(' · ');
}

const ROOM = 26; // pixels of a box that has room for its class
const TAB = 14; // pixels of the height of a class on its colour

/** Draw a layer into `area` of a canvas; `dashed` for what a model says, `labels` with the classes of boxes. */
export function drawMarks(ctx: CanvasRenderingContext2D, m: Marks, { x, y, w, h }: Area, colour: Colour, dashed = false, labels = false): void {
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
  if (labels) for (const [bx, by, bw, bh, label, score] of m.boxes) {
    if (bw * w < ROOM) continue;
    // what a model says stands below its box, so that both can be read where they agree
    const [from, to] = [Math.max(y, y + by * h), Math.min(y + h, y + (by + bh) * h)];
    const at = dashed ? (to + TAB > y + h ? to - TAB : to) : from - TAB < y ? from : from - TAB;
    tab(ctx, `${label}${score === undefined ? '' : ` ${score.toFixed(2)}`}`, x + bx * w, at, Math.max(bw * w, Math.min(60, w / 4)), colour(label));
  }
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

/** A word on its colour. */
function tab(ctx: CanvasRenderingContext2D, said: string, x: number, y: number, room: number, fill: string): void {
  ctx.font = '11px system-ui,sans-serif';
  let text = said;
  while (text.length > 2 && ctx.measureText(text).width + 6 > room) text = `${text.slice(0, -2)}…`;
  ctx.fillStyle = fill;
  ctx.fillRect(x - 0.8, y, ctx.measureText(text).width + 6, TAB);
  ctx.fillStyle = dark(fill) ? '#fff' : '#111';
  ctx.fillText(text, x + 2, y + 11);
}

/** Whether white reads better on a colour than black: by its relative luminance. */
export function dark(colour: string): boolean {
  const rgb = [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16) / 255).map(v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2] < 0.18;
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
