/** What the details of the chosen version leave of the graph's stage, and a layout spread over it. */
import type { Layout } from './layout';

/** A stage that is wider has the details on its right, any other below the graph; the same bound stands in style.ts. */
export const WIDE_PX = 720;
const CARD_PX = 320, CARD_SHARE = 0.45;

export interface Room { W: number; H: number }

/** Width and height in pixels from the upper left corner on; `open`: a version is chosen and its details are shown. */
export function freeRoom(W: number, H: number, open: boolean): Room {
  if (!open) return { W, H };
  return W > WIDE_PX ? { W: W - CARD_PX, H } : { W, H: H * (1 - CARD_SHARE) };
}

/** Set the layers of a layout `by` times as far apart. */
export function stretch(layout: Layout, by: number): void {
  const { x, bends } = layout;
  for (let i = 0; i < x.length; i++) x[i] *= by;
  for (const b of bends) for (let i = 0; i < b.length; i += 2) b[i] *= by;
  layout.width *= by;
}
