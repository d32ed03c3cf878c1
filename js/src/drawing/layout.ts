/**
 * Layered drawing of a directed graph, left to right.
 *
 * Longest-path layers; long edges get way points in the layers they cross, so that they run between the
 * nodes and not behind them; barycentre order in both directions, kept only while crossings fall; heights
 * by averaged packing. O(sweeps * (n + m)) beyond a sort per layer; a cycle costs its edges, never a hang.
 */

export interface GraphNode {
  id: string;
  kind: string;
  name: string;
  created?: string;
  detail?: Record<string, unknown>;
  /** a cluster: the IDs of the versions that it stands for */
  members?: string[];
}
export interface GraphEdge {
  source: string;
  target: string;
  type?: string;
  operation?: string;
}
export interface Layout {
  x: Float64Array;
  y: Float64Array;
  rank: Int32Array;
  children: number[][];
  parents: number[][];
  index: Map<string, number>;
  /** per edge of the input: [source, target] or null where an end is unknown */
  ends: ([number, number] | null)[];
  /** per edge: the points between its ends, [x, y, x, y ...] */
  bends: number[][];
  width: number;
  height: number;
}
export interface Spacing {
  gapX?: number;
  gapY?: number;
  sweeps?: number;
  /** more way points than this are not made: the edges run straight */
  maxWayPoints?: number;
}

export function layered(nodes: GraphNode[], edges: GraphEdge[], spacing: Spacing = {}): Layout {
  const { gapX = 258, gapY = 52, sweeps = 12, maxWayPoints = 6000 } = spacing;
  const n = nodes.length;
  const index = new Map(nodes.map((v, i) => [v.id, i]));
  const children: number[][] = Array.from({ length: n }, () => []);
  const parents: number[][] = Array.from({ length: n }, () => []);
  const ends = edges.map((e): [number, number] | null => {
    const a = index.get(e.source), b = index.get(e.target);
    if (a === undefined || b === undefined || a === b) return null;
    if (!children[a].includes(b)) {
      children[a].push(b);
      parents[b].push(a);
    }
    return [a, b];
  });
  const rank = ranks(children, parents);

  // the proper graph: every edge joins neighbouring layers
  const up: number[][] = parents.map(() => []);
  const down: number[][] = parents.map(() => []);
  const level: number[] = Array.from(rank);
  const chains = new Map<string, number[]>();
  let span = 0;
  for (let a = 0; a < n; a++) for (const b of children[a]) span += Math.max(0, rank[b] - rank[a] - 1);
  const bend = span <= maxWayPoints;
  for (let a = 0; a < n; a++) {
    for (const b of children[a]) {
      let last = a;
      const chain: number[] = [];
      if (bend) {
        for (let r = rank[a] + 1; r < rank[b]; r++) {
          const w = level.length;
          level.push(r);
          up.push([last]);
          down.push([]);
          down[last].push(w);
          chain.push(w);
          last = w;
        }
      }
      down[last].push(b);
      up[b].push(last);
      chains.set(`${a} ${b}`, chain);
    }
  }

  const layers = firstOrder(level, up, down);
  order(layers, up, down, sweeps);
  const y = heights(layers, up, down, level.length, gapY, sweeps, n);

  let low = Infinity, high = -Infinity;
  for (let i = 0; i < level.length; i++) {
    low = Math.min(low, y[i]);
    high = Math.max(high, y[i]);
  }
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) x[i] = rank[i] * gapX;
  for (let i = 0; i < level.length; i++) y[i] -= low;
  const bends = ends.map(e => (e ? (chains.get(`${e[0]} ${e[1]}`) ?? []).flatMap(w => [level[w] * gapX, y[w]]) : []));
  return {
    x, y: y.slice(0, n), rank, children, parents, index, ends, bends,
    width: Math.max(0, layers.length - 1) * gapX,
    height: level.length ? high - low : 0
  };
}

function ranks(children: number[][], parents: number[][]): Int32Array {
  const n = children.length;
  const open = parents.map(p => p.length);
  const rank = new Int32Array(n);
  const queue: number[] = [];
  for (let i = 0; i < n; i++) if (!open[i]) queue.push(i);
  for (let head = 0; head < queue.length; head++) {
    for (const w of children[queue[head]]) {
      rank[w] = Math.max(rank[w], rank[queue[head]] + 1);
      if (--open[w] === 0) queue.push(w);
    }
  }
  // a source stands just before what it feeds, not at the far left
  for (let k = queue.length - 1; k >= 0; k--) {
    const v = queue[k];
    if (!parents[v].length && children[v].length) {
      rank[v] = Math.max(0, Math.min(...children[v].map(w => rank[w])) - 1);
    }
  }
  return rank;
}

/** Depth first from the sources, so that families begin together. */
function firstOrder(level: number[], up: number[][], down: number[][]): number[][] {
  const layers: number[][] = [];
  const seen = new Uint8Array(level.length);
  const visit = (root: number) => {
    const stack = [root];
    while (stack.length) {
      const v = stack.pop()!;
      if (seen[v]) continue;
      seen[v] = 1;
      (layers[level[v]] ??= []).push(v);
      for (let i = down[v].length - 1; i >= 0; i--) stack.push(down[v][i]);
    }
  };
  for (let v = 0; v < level.length; v++) if (!up[v].length) visit(v);
  for (let v = 0; v < level.length; v++) visit(v);
  for (let r = 0; r < layers.length; r++) layers[r] ??= [];
  return layers;
}

function order(layers: number[][], up: number[][], down: number[][], sweeps: number): void {
  const place = new Map<number, number>();
  const note = () => layers.forEach(l => l.forEach((v, i) => place.set(v, i)));
  note();
  let best = layers.map(l => l.slice());
  let fewest = crossings(layers, down, place);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const forward = sweep % 2 === 0;
    for (let k = 1; k < layers.length; k++) {
      const layer = layers[forward ? k : layers.length - 1 - k];
      const near = forward ? up : down;
      const key = new Map<number, number>();
      layer.forEach((v, i) => {
        const at = near[v].map(w => place.get(w)!).sort((p, q) => p - q);
        // the median resists the one far neighbour that drags a mean
        key.set(v, at.length ? (at[(at.length - 1) >> 1] + at[at.length >> 1]) / 2 : i);
      });
      layer.sort((a, b) => key.get(a)! - key.get(b)!);
      layer.forEach((v, i) => place.set(v, i));
    }
    const now = crossings(layers, down, place);
    if (now < fewest) {
      fewest = now;
      best = layers.map(l => l.slice());
    }
  }
  layers.forEach((_, r) => (layers[r] = best[r]));
}

/** Number of edge crossings between neighbouring layers, by a Fenwick tree: O(m log n). */
export function crossings(layers: number[][], down: number[][], place: Map<number, number>): number {
  let total = 0;
  for (let r = 0; r + 1 < layers.length; r++) {
    const size = layers[r + 1].length;
    const tree = new Int32Array(size + 1);
    let added = 0;
    for (const v of layers[r]) {
      const targets = down[v].map(w => place.get(w)!).sort((a, b) => a - b);
      for (const t of targets) {
        let upTo = 0;
        for (let i = Math.min(t + 1, size); i > 0; i -= i & -i) upTo += tree[i];
        total += added - upTo;
      }
      for (const t of targets) {
        added++;
        for (let i = t + 1; i <= size; i += i & -i) tree[i]++;
      }
    }
  }
  return total;
}

function heights(
  layers: number[][], up: number[][], down: number[][], total: number, gapY: number, sweeps: number, real: number
): Float64Array {
  const y = new Float64Array(total);
  // way points need less room than nodes
  const gap = (a: number, b: number) => (a >= real && b >= real ? gapY * 0.35 : a >= real || b >= real ? gapY * 0.7 : gapY);
  for (const layer of layers) layer.forEach((v, i) => (y[v] = i ? y[layer[i - 1]] + gap(layer[i - 1], v) : 0));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    for (let k = 0; k < layers.length; k++) {
      const layer = layers[forward ? k : layers.length - 1 - k];
      const near = forward ? up : down;
      const want = layer.map(v => (near[v].length ? near[v].reduce((a, w) => a + y[w], 0) / near[v].length : y[v]));
      const size = layer.length;
      const low = new Float64Array(size), high = new Float64Array(size);
      for (let i = 0; i < size; i++) low[i] = i ? Math.max(want[i], low[i - 1] + gap(layer[i - 1], layer[i])) : want[i];
      for (let i = size - 1; i >= 0; i--) {
        high[i] = i < size - 1 ? Math.min(want[i], high[i + 1] - gap(layer[i], layer[i + 1])) : want[i];
      }
      for (let i = 0; i < size; i++) y[layer[i]] = (low[i] + high[i]) / 2;
      for (let i = 1; i < size; i++) {
        y[layer[i]] = Math.max(y[layer[i]], y[layer[i - 1]] + gap(layer[i - 1], layer[i]));
      }
    }
  }
  return y;
}

/** Everything reachable from `start`, itself included. */
export function reach(start: number, next: number[][]): Set<number> {
  const seen = new Set([start]);
  const stack = [start];
  while (stack.length) {
    for (const w of next[stack.pop()!]) {
      if (!seen.has(w)) {
        seen.add(w);
        stack.push(w);
      }
    }
  }
  return seen;
}
