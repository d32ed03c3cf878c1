/** One picture on a canvas that can be zoomed and moved; marks keep the width of their lines at any size. */
import { h } from './dom';
import { Area, Colour, drawMarks, Marks } from './marks';

export interface View { scale: number; x: number; y: number }
export interface Drawn { marks: Marks; dashed: boolean }

/** How a picture lies where nobody has moved it: whole, in the middle, small ones not blown up beyond 16 times. */
export function fit(width: number, height: number, W: number, H: number): View {
  const scale = Math.min(W / Math.max(1, width), H / Math.max(1, height), 16);
  return { scale, x: (W - width * scale) / 2, y: (H - height * scale) / 2 };
}

/** The view after a zoom to `scale` that keeps the point of the stage where it is. */
export function zoomed(view: View, scale: number, x: number, y: number): View {
  const k = scale / view.scale;
  return { scale, x: x - (x - view.x) * k, y: y - (y - view.y) * k };
}

export class Stage {
  readonly canvas = h('canvas', { role: 'img', class: 'veml-picture' });

  draw(bitmap: ImageBitmap | null, width: number, height: number, view: View, layers: Drawn[], colour: Colour, labels: boolean): void {
    const W = this.canvas.clientWidth, H = this.canvas.clientHeight, ctx = this.canvas.getContext('2d');
    if (!ctx || !W || !H) return;
    const dpr = window.devicePixelRatio || 1;
    this.canvas.width = W * dpr;
    this.canvas.height = H * dpr;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    ctx.clearRect(0, 0, W, H);
    const area: Area = { x: view.x, y: view.y, w: width * view.scale, h: height * view.scale };
    if (bitmap) {
      ctx.imageSmoothingEnabled = area.w < 2 * bitmap.width; // enlarged pixels stay pixels
      ctx.drawImage(bitmap, area.x, area.y, area.w, area.h);
    }
    for (const { marks, dashed } of layers) drawMarks(ctx, marks, area, colour, dashed, labels);
  }
}
