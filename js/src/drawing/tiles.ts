/** One tile of the wall: its picture with the marks that are seen, and what is wrong in it. */
import { Annotation, Area, Colour, drawMarks, layer, Looks, seen } from './marks';
import type { Palette } from './theme';
import { trans } from './words';

const WORDS_FROM = 110; // pixels of a tile that has room for words on its boxes

/** Where a tile lies: `size` of one picture, `wide` of one or two beside each other. */
export interface Place { x: number; y: number; size: number; tall: number; wide: number }

/** The largest area of the picture's own shape in the middle of a tile. */
export function contain(width: number, height: number, x: number, y: number, size: number, tall = size): Area {
  const scale = Math.min(size / Math.max(width, 1), tall / Math.max(height, 1));
  const w = width * scale, h = height * scale;
  return { x: x + (size - w) / 2, y: y + (tall - h) / 2, w, h };
}

export function drawTile(ctx: CanvasRenderingContext2D, { x, y, size, tall, wide }: Place, bitmap: ImageBitmap | undefined, a: Annotation | undefined, compare: string[], looks: Looks, colour: Colour, palette: Palette): void {
  const two = compare.length === 2, words = looks.labels && size >= WORDS_FROM;
  (two ? compare : ['annotations']).forEach((name, k) => {
    const left = x + k * (size + 2);
    const area = bitmap ? contain(bitmap.width, bitmap.height, left, y, size, tall) : { x: left, y, w: size, h: tall };
    ctx.fillStyle = palette.raised;
    ctx.fillRect(left, y, size, tall);
    if (bitmap) {
      ctx.imageSmoothingEnabled = area.w < 2 * bitmap.width; // tiny pictures keep their pixels
      ctx.drawImage(bitmap, area.x, area.y, area.w, area.h);
    }
    const marks = a && !looks.layers.has(name) && layer(a, name);
    if (marks) drawMarks(ctx, seen(marks, looks, name !== 'annotations'), area, colour, name === 'prediction', words);
    if (!two && a?.prediction && !looks.layers.has('prediction')) {
      const said = seen(a.prediction, looks, true);
      drawMarks(ctx, { ...said, label: null }, area, colour, true, words);
      if (said.label !== null && said.label !== a.label) outline(ctx, area.x, area.y, area.w, area.h, palette.bad, 2);
    }
  });
  if (a?.cost !== undefined && looks.labels) costOf(ctx, a, x, y, wide, palette);
}

/** What is wrong in a sample, and how much, on the upper edge of its tile. */
function costOf(ctx: CanvasRenderingContext2D, a: Annotation, x: number, y: number, wide: number, palette: Palette): void {
  const text = [...(a.kinds ?? []).map(k => trans.__(k)), a.cost!.toFixed(2)].join(' · ');
  ctx.font = '11px system-ui,sans-serif';
  const w = Math.min(wide, ctx.measureText(text).width + 8);
  ctx.fillStyle = palette.bad;
  ctx.fillRect(x + wide - w, y, w, 15);
  ctx.fillStyle = palette.dark ? '#111' : '#fff';
  ctx.fillText(text, x + wide - w + 4, y + 11, w - 6);
}

export function outline(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, tall: number, stroke: string, width: number): void {
  ctx.strokeStyle = stroke;
  ctx.lineWidth = width;
  ctx.strokeRect(x + width / 2, y + width / 2, w - width, tall - width);
}
