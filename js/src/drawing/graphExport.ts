/** The lineage graph as a file: the whole of it, at reading size, as it is drawn on the screen. */
import { CARD, paint, Scene } from './graphPaint';
import { SvgContext } from './svgContext';
import { trans } from './words';

export type PictureKind = 'svg' | 'png';
const MARGIN = 30;
const LARGEST_PX = 8000;

/** The scene moved and scaled so that all of it is in view. */
export function whole(scene: Scene, most = Infinity): Scene {
  const full = { width: scene.layout.width + CARD.width + 2 * MARGIN, height: scene.layout.height + CARD.height + 2 * MARGIN };
  const scale = Math.min(1, most / Math.max(full.width, full.height));
  return {
    ...scene, scale, hover: -1, width: Math.ceil(full.width * scale), height: Math.ceil(full.height * scale),
    left: (MARGIN + CARD.width / 2) * scale, top: (MARGIN + CARD.height / 2) * scale
  };
}

export function graphSvg(scene: Scene): string {
  const all = whole(scene);
  const measure = document.createElement('canvas').getContext('2d');
  const ctx = new SvgContext(all.width, all.height, measure);
  paint(ctx as unknown as CanvasRenderingContext2D, all);
  return ctx.toString(all.colours.surface);
}

export async function graphPicture(kind: PictureKind, scene: Scene): Promise<Blob> {
  if (kind === 'svg') return new Blob([graphSvg(scene)], { type: 'image/svg+xml' });
  const all = whole(scene, LARGEST_PX / 2), sharp = 2;
  const canvas = document.createElement('canvas');
  canvas.width = all.width * sharp;
  canvas.height = all.height * sharp;
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error(trans.__('this browser draws no pictures'));
  ctx.setTransform(sharp, 0, 0, sharp, 0, 0);
  paint(ctx, { ...all });
  ctx.globalCompositeOperation = 'destination-over'; // paint clears the ground
  ctx.fillStyle = all.colours.surface;
  ctx.fillRect(0, 0, all.width, all.height);
  return new Promise((resolve, reject) => canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error(trans.__('the picture is too large for this browser')))), 'image/png'));
}
