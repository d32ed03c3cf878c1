/**
 * Layered drawing of a directed graph, left to right.
 *
 * Longest-path layers; long edges get way points in the layers they cross, so that they run between the
 * nodes and not behind them; median order in both directions, neighbours exchanged while crossings fall; heights
 * by averaged packing. O(sweeps * (n + m)) beyond a sort per layer; a cycle costs its edges, never a hang.
 * `veml_lab/widgets/_layered.py` does the same, step by step, for pictures without script.
 */

export interface GraphNode {
  id: string;
  kind: string;
  name: string;
  created?: string;
  detail?: Record<string, unknown>;
  /** a cluster: the IDs of the versions that it stands for */
  members?: string[];
  /** whether it is one of its members: a set that its parts are folded into */
  set?: boolean;
  /** the name in one or two lines, as the kernel shortens it */
  lines?: string[];
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
  /** how many lines cross between neighbouring layers */
  crossings: number;
}
/** Nodes and way points; a larger graph is ordered once. */
const SMALL = 600;
/** Such a graph is ordered from more beginnings. */
const TINY = 160;
/** Nodes and way points; neighbours of larger graphs are not tried the other way round. */
const MOST_EXCHANGED = 3000;
const PASSES = 4;
/** Sweeps without a gain. */
const PATIENCE = 4;

export interface Spacing {
  gapX?: number;
  gapY?: number;
  sweeps?: number;
  /** more way points than this are not made: the edges run straight */
  maxWayPoints?: number;
}

export function layered(nodes: GraphNode[], edges: GraphEdge[], spacing: Spacing = {}): Layout {
  const { gapX = 216, gapY = 66, sweeps = 16, maxWayPoints = 6000 } = spacing;
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
  const crossed = order(layers, up, down, sweeps);
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
    x, y: y.slice(0, n), rank, children, parents, index, ends, bends, crossings: crossed,
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

/**
 * Order the layers so that few lines cross; gives how many do.
 *
 * A small graph is ordered several times, from several beginnings and by two keys, and neighbours are exchanged after
 * each sweep; a larger one once, its neighbours at the end.
 */
function order(layers: number[][], up: number[][], down: number[][], sweeps: number): number {
  const place: number[] = new Array(up.length).fill(0);
  const note = (some: number[][]) => some.forEach(l => l.forEach((v, i) => (place[v] = i)));
  note(layers);
  const small = up.length <= SMALL, first = layers.map(l => l.slice());
  let best = first, fewest = crossings(layers, down, place);
  const starts = !small ? 1 : up.length <= TINY ? 24 : 4;
  for (let start = 0; start < starts; start++) {
    const now = beginning(first, start >> 1), byMean = start % 2 === 1;
    note(now);
    let own = Infinity, since = 0;
    for (let sweep = 0; sweep < sweeps && fewest > 0 && since < PATIENCE; sweep++) {
      const forward = sweep % 2 === 0, near = forward ? up : down;
      for (let k = 1; k < now.length; k++) {
        const layer = now[forward ? k : now.length - 1 - k];
        const key = new Map(layer.map((v, i) => [v, keyOf(near[v], place, i, byMean && sweep % 4 > 1)]));
        layer.sort((a, b) => key.get(a)! - key.get(b)!);
        layer.forEach((v, i) => (place[v] = i));
      }
      if (small) settle(now, up, down, place);
      const crossed = crossings(now, down, place);
      since = crossed < own ? 0 : since + 1;
      own = Math.min(own, crossed);
      if (crossed < fewest) {
        fewest = crossed;
        best = now.map(l => l.slice());
      }
    }
  }
  layers.forEach((_, r) => (layers[r] = best[r]));
  if (!small && sweeps > 0 && fewest > 0 && up.length <= MOST_EXCHANGED) {
    note(layers);
    fewest -= settle(layers, up, down, place);
  }
  return fewest;
}

/** The layers as they were found, turned round, or shuffled, each time in the same way. */
function beginning(first: number[][], which: number): number[][] {
  let seed = which;
  return first.map(l => {
    const layer = which === 1 ? l.slice().reverse() : l.slice();
    for (let i = layer.length - 1; which > 1 && i > 0; i--) {
      seed = (seed * 1103 + 12345) % 65536;
      const j = seed % (i + 1);
      [layer[i], layer[j]] = [layer[j], layer[i]];
    }
    return layer;
  });
}

/** Where the neighbours are: the median resists the one far neighbour that drags a mean. */
function keyOf(near: number[], place: number[], own: number, mean: boolean): number {
  if (!near.length) return own;
  const at = near.map(w => place[w]).sort((p, q) => p - q);
  return mean ? at.reduce((a, b) => a + b, 0) / at.length : (at[(at.length - 1) >> 1] + at[at.length >> 1]) / 2;
}

/** Exchange neighbours until nothing is gained, or often enough; gives how many crossings that saved. */
function settle(layers: number[][], up: number[][], down: number[][], place: number[]): number {
  let saved = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    let gained = 0;
    for (const layer of layers) gained += exchanged(layer, up, down, place);
    saved += gained;
    if (!gained) break;
  }
  return saved;
}

/** Let neighbours of a layer change places where that saves crossings; gives how many it saved. */
function exchanged(layer: number[], up: number[][], down: number[][], place: number[]): number {
  let saved = 0;
  for (let i = 0; i + 1 < layer.length; i++) {
    const u = layer[i], v = layer[i + 1];
    const gain = [up, down].reduce((g, near) => g + above(near[u], near[v], place) - above(near[v], near[u], place), 0);
    if (gain <= 0) continue;
    [layer[i], layer[i + 1]] = [v, u];
    place[u] = i + 1;
    place[v] = i;
    saved += gain;
  }
  return saved;
}

/** Crossings between the lines of a node with neighbours `a` and those of the node under it, with `b`. */
function above(a: number[], b: number[], place: number[]): number {
  let n = 0;
  for (const p of a) for (const q of b) if (place[p] > place[q]) n++;
  return n;
}

/** Number of edge crossings between neighbouring layers, by a Fenwick tree: O(m log n). */
export function crossings(layers: number[][], down: number[][], place: number[]): number {
  let total = 0;
  for (let r = 0; r + 1 < layers.length; r++) {
    const size = layers[r + 1].length;
    const tree = new Int32Array(size + 1);
    let added = 0;
    for (const v of layers[r]) {
      const targets = down[v].map(w => place[w]).sort((a, b) => a - b);
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
  const gap = (a: number, b: number) => (a >= real && b >= real ? gapY * 0.22 : a >= real || b >= real ? gapY * 0.62 : gapY);
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
