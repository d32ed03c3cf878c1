/**
 * A picture of the graph somewhat larger than its stage, for while it is moved.
 *
 * Painting a thousand nodes and their lines costs several milliseconds without a GPU, putting a picture elsewhere half
 * of one. Panning moves the picture and paints only where it does not reach; zooming stretches it where the graph is so
 * large that painting cannot keep up. At rest the graph itself is painted, sharp.
 */
import { paint, Scene } from './graphPaint';

/** Beyond the stage on each side, as a share of it. */
const MARGIN = 0.25;
/** Nodes reach beyond their places: cards, names, rings. */
const REACH_PX = 260;

export class Sheet {
  /** Put the graph onto the canvas of `ctx`, from the picture where that reaches; `dpr` = device pixels a pixel. */
  put(ctx: CanvasRenderingContext2D, scene: Scene, dpr: number): void {
    if (!this.reaches(scene)) this.make(scene, dpr);
    const by = scene.scale / this.scale;
    const x = Math.round((scene.left - this.left * by) * dpr), y = Math.round((scene.top - this.top * by) * dpr);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalCompositeOperation = 'copy'; // clears what the picture does not cover
    ctx.drawImage(this.picture!, x, y, this.picture!.width * by, this.picture!.height * by);
    ctx.globalCompositeOperation = 'source-over';
  }

  /** Forget the picture: the graph has changed, or lies still and needs no such memory. */
  drop(): void {
    this.picture = null;
  }

  private reaches(scene: Scene): boolean {
    if (!this.picture) return false;
    const by = scene.scale / this.scale;
    if (by < 0.5 || by > 2) return false;
    if (this.whole) return true;
    const x = scene.left - this.left * by, y = scene.top - this.top * by;
    return x <= 0 && y <= 0 && x + this.width * by >= scene.width && y + this.height * by >= scene.height;
  }

  private make(scene: Scene, dpr: number): void {
    const mx = Math.ceil(scene.width * MARGIN), my = Math.ceil(scene.height * MARGIN);
    this.width = scene.width + 2 * mx;
    this.height = scene.height + 2 * my;
    this.scale = scene.scale;
    this.left = scene.left + mx;
    this.top = scene.top + my;
    const right = this.left + scene.layout.width * scene.scale, bottom = this.top + scene.layout.height * scene.scale;
    this.whole = this.left > REACH_PX && this.top > REACH_PX && right < this.width - REACH_PX && bottom < this.height - REACH_PX;
    const canvas = this.picture ?? document.createElement('canvas');
    canvas.width = this.width * dpr;
    canvas.height = this.height * dpr;
    const ctx = canvas.getContext('2d')!;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    paint(ctx, { ...scene, left: this.left, top: this.top, width: this.width, height: this.height });
    this.picture = canvas;
  }

  private picture: HTMLCanvasElement | null = null;
  private scale = 1;
  /** where the graph's origin lies in the picture */
  private left = 0;
  private top = 0;
  private width = 0;
  private height = 0;
  /** whether nothing of the graph lies outside of the picture */
  private whole = false;
}
