import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { neighbour } from '../src/drawing/graphFocus';
import { crossings, GraphEdge, GraphNode, layered, reach } from '../src/drawing/layout';

const nodes = (...ids: string[]): GraphNode[] => ids.map(id => ({ id, kind: 'data', name: id }));
const edges = (...pairs: string[]): GraphEdge[] => pairs.map(p => ({ source: p[0], target: p[1] }));

function random(n: number, m: number): [GraphNode[], GraphEdge[]] {
  let seed = 7;
  const next = (k: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % k;
  const some = Array.from({ length: n }, (_, i) => ({ id: `v${i}`, kind: 'data', name: `v${i}` }));
  const links = Array.from({ length: m }, () => {
    const b = 1 + next(n - 1);
    return { source: `v${next(b)}`, target: `v${b}` };
  });
  return [some, links];
}

describe('layered', () => {
  it('puts every node right of all it comes from', () => {
    const [some, links] = random(200, 380);
    const L = layered(some, links);
    for (const e of links) expect(L.x[L.index.get(e.source)!]).toBeLessThan(L.x[L.index.get(e.target)!]);
  });

  it('keeps nodes of one layer apart', () => {
    const [some, links] = random(200, 380);
    const L = layered(some, links, { gapY: 50 });
    const layers = new Map<number, number[]>();
    some.forEach((_, i) => layers.set(L.rank[i], [...(layers.get(L.rank[i]) ?? []), L.y[i]]));
    for (const ys of layers.values()) {
      ys.sort((a, b) => a - b);
      for (let i = 1; i < ys.length; i++) expect(ys[i] - ys[i - 1]).toBeGreaterThanOrEqual(50 * 0.7 - 1e-6);
    }
  });

  it('untangles what can be drawn without crossings', () => {
    const L = layered(nodes('a', 'b', 'c', 'x', 'y', 'z'), edges('az', 'by', 'cx'));
    const order = (ids: string) => [...ids].map(i => L.y[L.index.get(i)!]);
    const [p, q] = [order('abc'), order('zyx')];
    for (let i = 0; i < 3; i++) for (let j = 0; j < i; j++) expect(Math.sign(p[i] - p[j])).toBe(Math.sign(q[i] - q[j]));
  });

  it('leads a long edge through way points in the layers between', () => {
    const L = layered(nodes('a', 'b', 'c'), edges('ab', 'bc', 'ac'));
    expect(L.bends.map(b => b.length)).toEqual([0, 0, 2]);
    expect(L.bends[2][0]).toBe(L.x[1]);
    expect(L.bends[2][1]).not.toBe(L.y[1]);
  });

  it('moves a source to just before what it feeds', () => {
    const L = layered(nodes('a', 'b', 'c', 's'), edges('ab', 'bc', 'sc'));
    expect(L.rank[3]).toBe(1);
  });

  it('survives cycles, unknown ends, loops and doubles', () => {
    const L = layered(nodes('a', 'b'), edges('ab', 'ba', 'aa', 'a?', 'ab'));
    expect(L.ends[3]).toBeNull();
    expect([...L.y].every(Number.isFinite)).toBe(true);
    expect(layered([], []).height).toBe(0);
  });

  it('lays out 3,000 versions in some seconds of the processor at most, whatever else the machine does', () => {
    const [some, links] = random(3000, 4200);
    const before = process.cpuUsage();
    layered(some, links);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(10);
  });
});

describe('places', () => {
  // tests/widgets/test_graph_layout.py holds the picture without script to the same file
  const kept = JSON.parse(readFileSync('../tests/widgets/layouts.json', 'utf8'));
  it.each(Object.keys(kept))('are those of the kernel: %s', name => {
    const { n, pairs, ...want } = kept[name] as { n: number; pairs: [number, number][]; crossings: number; x: number[]; y: number[]; bends: [number, number][][] };
    const L = layered(nodes(...Array.from({ length: n }, (_, i) => String(i))), pairs.map(([a, b]) => ({ source: String(a), target: String(b) })));
    expect(L.crossings).toBe(want.crossings);
    expect([...L.x]).toEqual(want.x);
    [...L.y].forEach((y, i) => expect(y).toBeCloseTo(want.y[i], 4));
    L.bends.forEach((b, e) => want.bends[e].flat().forEach((v, k) => expect(b[k]).toBeCloseTo(v, 4)));
  });
});

describe('crossings', () => {
  it('agrees with counting every pair', () => {
    const layers = [[0, 1, 2, 3], [4, 5, 6, 7]];
    const down = [[6, 4], [5, 7], [4, 5], [4, 6], [], [], [], []];
    const place: number[] = [];
    layers.forEach(l => l.forEach((v, i) => (place[v] = i)));
    let want = 0;
    for (let a = 0; a < 4; a++) for (let b = a + 1; b < 4; b++) for (const s of down[a]) for (const t of down[b]) if (place[s] > place[t]) want++;
    expect(crossings(layers, down, place)).toBe(want);
  });
});

describe('reach', () => {
  it('finds everything that follows, itself included', () => {
    const L = layered(nodes('a', 'b', 'c', 'd'), edges('ab', 'bc'));
    expect([...reach(0, L.children)].sort()).toEqual([0, 1, 2]);
    expect([...reach(2, L.parents)].sort()).toEqual([0, 1, 2]);
  });
});

describe('arrow keys', () => {
  it('lead along the edges and to the next of a layer, and nowhere from its ends', () => {
    const L = { ...layered(nodes('a', 'b', 'c', 'd'), edges('ad')), x: new Float64Array([0, 0, 0, 9]), y: new Float64Array([10, 0, 20, 3]), rank: new Int32Array([0, 0, 0, 1]) };
    const from = (at: number) => ['ArrowUp', 'ArrowDown', 'ArrowRight', 'ArrowLeft'].map(key => neighbour(L, at, key));
    expect(from(0)).toEqual([1, 2, 3, -1]);
    expect(from(1)).toEqual([-1, 0, -1, -1]);
    expect(from(3)).toEqual([-1, -1, -1, 0]);
    expect(neighbour(L, -1, 'ArrowUp')).toBe(0);
    const same = { ...L, y: new Float64Array([5, 5, 5, 5]) }; // at one place none is above another
    expect(neighbour(same, 0, 'ArrowDown')).toBe(-1);
  });
});
