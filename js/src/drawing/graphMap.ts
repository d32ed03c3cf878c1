/** The whole graph, small, in a corner while only a part of it is on the stage: a click or a drag goes there. */
import { h } from './dom';
import type { Scene } from './graphPaint';
import { asKind } from './theme';
import { trans } from './words';

const WIDTH = 168, HEIGHT = 104, MARGIN = 6;

/** Where the graph lies in its small picture. */
export function mapped({ layout }: Pick<Scene, 'layout'>): { by: number; x: number; y: number } {
  const by = Math.min((WIDTH - 2 * MARGIN) / Math.max(1, layout.width), (HEIGHT - 2 * MARGIN) / Math.max(1, layout.height));
  return { by, x: (WIDTH - layout.width * by) / 2, y: (HEIGHT - layout.height * by) / 2 };
}

/** Whether some node lies outside of the stage. */
export function partial({ layout, scale, left, top, width, height }: Scene): boolean {
  return layout.x.length > 1 && (left < 0 || top < 0 || left + layout.width * scale > width || top + layout.height * scale > height);
}

export class MiniMap {
  readonly element: HTMLCanvasElement;

  /** `go`: bring a place of the layout to the middle of the stage. */
  constructor(go: (x: number, y: number) => void) {
    const title = trans.__('The whole graph; a click goes there');
    this.element = h('canvas', { class: 'veml-minimap', title, 'aria-hidden': 'true', width: WIDTH * 2, height: HEIGHT * 2, hidden: true });
    const lead = (e: PointerEvent) => {
      if (!this.place || (e.type === 'pointermove' && e.buttons !== 1)) return;
      go((e.offsetX - this.place.x) / this.place.by, (e.offsetY - this.place.y) / this.place.by);
    };
    this.element.onpointerdown = e => { this.element.setPointerCapture?.(e.pointerId); lead(e); };
    this.element.onpointermove = lead;
  }

  draw(scene: Scene): void {
    const shown = partial(scene);
    this.element.hidden = !shown;
    const ctx = shown ? this.element.getContext('2d') : null;
    if (!ctx) return;
    const { by, x, y } = (this.place = mapped(scene)), { layout, nodes, colours } = scene;
    ctx.setTransform(2, 0, 0, 2, 0, 0);
    ctx.clearRect(0, 0, WIDTH, HEIGHT);
    const side = nodes.length > 400 ? 1.5 : 3;
    nodes.forEach((n, i) => {
      ctx.fillStyle = i === scene.selected ? colours.accent : colours.kind[asKind(n.kind)];
      ctx.fillRect(x + layout.x[i] * by - side, y + layout.y[i] * by - side / 2, 2 * side, side);
    });
    ctx.strokeStyle = colours.text;
    ctx.lineWidth = 1;
    const seen = { x: x - (scene.left / scene.scale) * by, y: y - (scene.top / scene.scale) * by, w: (scene.width / scene.scale) * by, h: (scene.height / scene.scale) * by };
    ctx.strokeRect(Math.max(0.5, seen.x), Math.max(0.5, seen.y), Math.min(WIDTH - 1, seen.x + seen.w) - Math.max(0.5, seen.x), Math.min(HEIGHT - 1, seen.y + seen.h) - Math.max(0.5, seen.y));
  }

  private place: { by: number; x: number; y: number } | null = null;
}
