/**
 * Families of versions as one node each, so that a graph of thousands can be read.
 *
 * A version's family begins at a version that came from nothing and follows the first parent; its generation
 * counts how often the kind has changed on the longest way there. Versions of one family, kind and generation
 * become one node. O(n + m).
 */
import type { GraphEdge, GraphNode } from './layout';
import { asKind } from './theme';
import { count as figure, trans } from './words';

export const MOST_PLAIN = 1500; // versions; more are drawn in clusters from the start
const MOST_FAMILIES = 150; // the largest; the rest stand together

export interface Clustered {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** node ID -> ID of the cluster that stands for it */
  home: Map<string, string>;
}

/** `open`: clusters that are shown as their versions. */
export function clustered(nodes: GraphNode[], edges: GraphEdge[], open: ReadonlySet<string> = new Set()): Clustered {
  const index = new Map(nodes.map((n, i) => [n.id, i]));
  const n = nodes.length;
  const parents: number[][] = Array.from({ length: n }, () => []), children: number[][] = Array.from({ length: n }, () => []);
  for (const e of edges) {
    const a = index.get(e.source), b = index.get(e.target);
    if (a === undefined || b === undefined || a === b) continue;
    parents[b].push(a);
    children[a].push(b);
  }
  const waiting = parents.map(p => p.length), family = new Int32Array(n).fill(-1), generation = new Int32Array(n);
  const queue: number[] = [];
  for (let i = 0; i < n; i++) if (!waiting[i]) queue.push(i);
  for (let head = 0; head < queue.length; head++) {
    const v = queue[head];
    const data = parents[v].find(p => asKind(nodes[p].kind) === 'data'); // a training belongs to its data rather than to its recipe
    family[v] = parents[v].length ? family[data ?? parents[v][0]] : v;
    for (const p of parents[v]) generation[v] = Math.max(generation[v], generation[p] + Number(nodes[p].kind !== nodes[v].kind));
    for (const w of children[v]) if (--waiting[w] === 0) queue.push(w);
  }
  const sizes = new Map<number, number>();
  family.forEach((f, i) => { if (f < 0) family[i] = i; sizes.set(family[i], (sizes.get(family[i]) ?? 0) + 1); });
  const kept = new Set([...sizes].sort((a, b) => b[1] - a[1]).slice(0, MOST_FAMILIES).map(([f]) => f));

  const groups = new Map<string, number[]>();
  for (let i = 0; i < n; i++) {
    const f = kept.has(family[i]) ? nodes[family[i]].id : '';
    const key = `cluster ${f} ${nodes[i].kind} ${generation[i]}`;
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  }
  return gathered(nodes, edges, [...groups].filter(([key, members]) => members.length > 1 && !open.has(key)).map(([key, members]) => {
    const f = family[members[0]], first = nodes[members[0]].kind;
    return {
      id: key, kind: first, name: kept.has(f) ? nodes[f].name : trans.__('smaller families'), members: members.map(i => nodes[i].id),
      detail: { summary: summaryOf(first, members.length), versions: members.length, newest: nodes[members[members.length - 1]].name }
    };
  }));
}

/** What the kernel says stands together: the parts of a set, the siblings of a search (veml_lab/widgets/_graph_folds.py). */
export interface Fold {
  id: string;
  kind: string;
  name: string;
  members: string[];
  lines: string[];
}

/** The graph with its folds as one node each; `open`: those that are shown as their versions. */
export function folded(nodes: GraphNode[], edges: GraphEdge[], folds: Fold[], open: ReadonlySet<string>): Clustered {
  const by = new Map(nodes.map(n => [n.id, n]));
  return gathered(nodes, edges, folds.flatMap(f => {
    const members = f.members.filter(id => by.has(id)); // of a part of the graph that is shown alone
    const own = by.get(f.id);
    if (members.length < 2 || open.has(f.id) || (!own && f.members.includes(f.id))) return [];
    return [own ? { ...own, members, set: true } : { ...f, members, detail: { summary: summaryOf(f.kind, members.length), versions: members.length } }];
  }));
}

/** Nodes in the place of those that they stand for, and an edge between them for all the edges between these. */
function gathered(nodes: GraphNode[], edges: GraphEdge[], stacks: GraphNode[]): Clustered {
  const home = new Map<string, string>(), standing = new Map(stacks.map(n => [n.id, n]));
  for (const n of stacks) for (const id of n.members!) home.set(id, n.id);
  const out: GraphNode[] = [], put = new Set<string>();
  for (const n of nodes) {
    const at = home.get(n.id);
    if (at === undefined) home.set(n.id, n.id);
    if (at !== undefined && put.has(at)) continue;
    out.push(at === undefined ? n : standing.get(at)!);
    put.add(at ?? n.id);
  }
  const counts = new Map<string, { edge: GraphEdge; n: number }>();
  for (const e of edges) {
    const a = home.get(e.source), b = home.get(e.target);
    if (a === undefined || b === undefined || a === b) continue;
    const key = `${a}\n${b}\n${e.type ?? ''}`;
    const known = counts.get(key);
    if (known) known.n++;
    else counts.set(key, { edge: { ...e, source: a, target: b }, n: 1 });
  }
  return { nodes: out, edges: [...counts.values()].map(({ edge, n }) => (n > 1 ? { ...edge, operation: trans.__('%1 times', n) } : edge)), home };
}

/** How many versions of a kind, in words. */
function summaryOf(kind: string, n: number): string {
  switch (kind) {
    case 'data': return trans._n('%2 data version', '%2 data versions', n, figure(n));
    case 'model': return trans._n('%2 model', '%2 models', n, figure(n));
    case 'training': return trans._n('%2 training', '%2 trainings', n, figure(n));
    case 'inference': return trans._n('%2 inference version', '%2 inference versions', n, figure(n));
    default: return trans.__('%1 metadata', figure(n));
  }
}
