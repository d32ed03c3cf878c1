/** Which part of a lineage graph is shown, what lies under a point, and where an arrow key leads. */
import { asCards, BADGE, box, radius, Scene } from './graphPaint';
import { GraphEdge, GraphNode, layered, Layout, reach } from './layout';
import { N_ } from './words';

/** What is shown: everything, or what belongs to the chosen version. */
export type Shown = 'all' | 'lineage' | 'ancestors' | 'descendants' | 'path';
export const SHOWN: [Shown, string][] = [['all', N_('Everything')], ['lineage', N_('Only its lineage')], ['ancestors', N_('What it comes from')], ['descendants', N_('What came of it')], ['path', N_('Path to another')]];

/**
 * Indices of the nodes that belong to what is shown; null for all of them.
 *
 * `membersOf` gives the versions of a family, and else the version itself; `start` and `end` are those of a path.
 */
export function belonging(shown: Shown, nodes: GraphNode[], edges: GraphEdge[], chosen: string, start: string, end: string, membersOf: (id: string) => string[]): Set<number> | null {
  if (shown === 'all' || (shown === 'path' && !end)) return null;
  const whole = layered(nodes, edges, { sweeps: 0 });
  const all = (id: string, next: number[][]) =>
    new Set(membersOf(id).flatMap(m => { const at = whole.index.get(m); return at === undefined ? [] : [...reach(at, next)]; }));
  if (shown === 'path') {
    const both = (a: string, b: string) => { const down = all(a, whole.children); return [...all(b, whole.parents)].filter(i => down.has(i)); };
    const found = [...both(start, end), ...both(end, start)];
    return found.length ? new Set(found) : new Set([start, end].flatMap(id => whole.index.get(id) ?? []));
  }
  const up = shown === 'descendants' ? [] : all(chosen, whole.parents), down = shown === 'ancestors' ? [] : all(chosen, whole.children);
  return new Set([...up, ...down]);
}

/** The node under a point of the canvas, or -1. */
export function nodeAt({ nodes, layout, scale, left, top }: Scene, px: number, py: number): number {
  const wide = asCards(scale);
  let best = -1, nearest = (radius(scale) + 6) ** 2;
  for (let i = 0; i < nodes.length; i++) {
    const dx = left + layout.x[i] * scale - px, dy = top + layout.y[i] * scale - py;
    if (wide) {
      const { width, height } = box(nodes[i]);
      if (onBadge({ nodes, layout, scale, left, top } as Scene, i, px, py)) return i; // half of it lies over the card
      if (Math.abs(dx) <= (width / 2) * scale && Math.abs(dy) <= (height / 2) * scale) return i;
    } else if (dx * dx + dy * dy < nearest) {
      nearest = dx * dx + dy * dy;
      best = i;
    }
  }
  return best;
}

/** Whether a point of the canvas lies on the count of node `i`, which stands for several. */
export function onBadge({ nodes, layout, scale, left, top }: Scene, i: number, px: number, py: number): boolean {
  const node = nodes[i];
  if (!node?.members || !asCards(scale)) return false;
  const { width, height } = box(node), x = left + (layout.x[i] + width / 2 + 6) * scale, y = top + (layout.y[i] - height / 2) * scale;
  return px <= x && px >= x - BADGE.width * scale && Math.abs(py - y) <= (BADGE.height / 2) * scale;
}

/** Where an arrow key leads from node `at` (-1: into the graph): along the edges, or to the next one of its layer; -1 is nowhere. */
export function neighbour({ x, y, rank, parents, children }: Layout, at: number, key: string): number {
  if (at < 0) return x.length ? 0 : -1;
  const nearest = (some: number[]) => some.reduce((b, w) => (b < 0 || Math.abs(y[w] - y[at]) < Math.abs(y[b] - y[at]) ? w : b), -1);
  if (key === 'ArrowRight') return nearest(children[at]);
  if (key === 'ArrowLeft') return nearest(parents[at]);
  const sign = key === 'ArrowDown' ? 1 : -1;
  let to = -1;
  for (let i = 0; i < x.length; i++) {
    if (i === at || rank[i] !== rank[at] || sign * (y[i] - y[at]) <= 0) continue;
    if (to < 0 || sign * (y[i] - y[to]) < 0) to = i;
  }
  return to;
}
