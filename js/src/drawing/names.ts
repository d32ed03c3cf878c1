/** Names cut to the room there is, so that what tells them apart stays. */
import type { GraphNode } from './layout';

/** Where a name parts from those that begin as it does: from the least like it, and from the one most like it. */
export interface Parting { first: number; last: number }
const BEGINNING = 6; // letters

/** Of each name the letters before which it parts from others; whole words only. */
export function partings(names: string[]): Parting[] {
  const different = [...new Set(names)].sort();
  const ends = new Map<string, [string, string]>();
  for (const n of different) ends.set(n.slice(0, BEGINNING), [ends.get(n.slice(0, BEGINNING))?.[0] ?? n, n]);
  const own = new Map(different.map((name, i) => {
    const [low, high] = ends.get(name.slice(0, BEGINNING))!;
    return [name, { first: low === high ? 0 : alike(low, high), last: Math.max(alike(name, different[i - 1] ?? ''), alike(name, different[i + 1] ?? '')) }];
  }));
  return names.map(n => own.get(n)!);
}

function alike(a: string, b: string): number {
  let n = 0;
  while (n < a.length && a[n] === b[n]) n++;
  while (n > 0 && /[\p{L}\p{N}.]/u.test(a[n - 1])) n--; // `20 epochs` and `2 epochs` part before the 2
  return n;
}

const known = new WeakMap<GraphNode[], Parting[]>();

/** The same of the nodes of a graph; looked up from then on. */
export function partingsOf(nodes: GraphNode[]): Parting[] {
  let found = known.get(nodes);
  if (!found) known.set(nodes, (found = partings(nodes.map(n => n.name))));
  return found;
}

type Measure = Pick<CanvasRenderingContext2D, 'measureText'>;

/** A text that fits, its end cut off. */
export function clip(ctx: Measure, text: string, room: number): string {
  const width = ctx.measureText(text).width;
  if (width <= room) return text;
  let keep = Math.max(1, Math.floor((text.length * room) / width) - 1);
  while (keep > 1 && ctx.measureText(`${text.slice(0, keep)}…`).width > room) keep--;
  return `${text.slice(0, keep)}…`;
}

/** A name that fits: where its end tells it from others, its middle is cut out, but for the letters that do so as well. */
export function clipName(ctx: Measure, name: string, room: number, { first, last }: Parting): string {
  const cut = clip(ctx, name, room);
  const fits = cut.length - 1;
  if (cut === name || last < fits - 2) return cut; // what differs begins before the cut
  const head = Math.max(1, Math.floor(fits * 0.25));
  const inside = Math.floor(fits * 0.3);
  const middle = first > head && first + inside < last ? `${name.slice(first, first + inside).trimEnd()}…` : '';
  const beginning = `${name.slice(0, head).trimEnd()}…${middle}`;
  const start = Math.max(head, Math.min(last, name.length - (fits - beginning.length)));
  return start > head ? clip(ctx, beginning + name.slice(start), room) : cut;
}
