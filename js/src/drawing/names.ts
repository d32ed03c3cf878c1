/** Names where there is little room; how a name is shortened to a card's lines is the kernel's to say (widgets/_graph_names.py). */
import type { GraphNode } from './layout';

type Measure = Pick<CanvasRenderingContext2D, 'measureText'>;

/** A text that fits, its end cut off. */
export function clip(ctx: Measure, text: string, room: number): string {
  const width = ctx.measureText(text).width;
  if (width <= room) return text;
  let keep = Math.max(1, Math.floor((text.length * room) / width) - 1);
  while (keep > 1 && ctx.measureText(`${text.slice(0, keep)}…`).width > room) keep--;
  return `${text.slice(0, keep)}…`;
}

/** The lines of a card: the beginning that others share, where there is one, and what the name alone says. */
export function linesOf(node: GraphNode): [shared: string, own: string] {
  const [first = node.name, second] = node.lines ?? [];
  return second === undefined ? ['', first] : [first, second];
}
