/** The tree of sets beside a heat map, and the donors of one of them. */
import { s } from './dom';

/** What a set is called in code. */
export interface SetLines {
  data: string;
  training: string | null;
  said: string | null;
}

/** Sets in the order of the tree's leaves (SciPy's linkage); as they came where there is no tree. */
export function leaves(tree: number[][] | undefined, n: number): number[] {
  const groups = Array.from({ length: n }, (_, i) => [i]);
  if (!tree || n < 2 || tree.length !== n - 1) return groups.map(g => g[0]);
  for (const [left, right] of tree) groups.push([...groups[left], ...groups[right]]);
  return groups[groups.length - 1];
}

/** The tree right of the rows: a join lies as far right as its sets are apart. */
export function branches(tree: number[][], order: number[], x: number, y: number, step: number, width: number): SVGElement {
  const high = Math.max(...tree.map(row => row[2])) || 1;
  const at: [number, number][] = [];
  order.forEach((i, place) => { at[i] = [x, y + (place + 0.5) * step]; });
  const lines = tree.map(([left, right, height]) => {
    const [xa, ya] = at[left], [xb, yb] = at[right], join = x + (width * height) / high;
    at.push([join, (ya + yb) / 2]);
    return `M${xa.toFixed(1)},${ya.toFixed(1)}H${join.toFixed(1)}V${yb.toFixed(1)}H${xb.toFixed(1)}`;
  });
  return s('path', { class: 'veml-tree', d: lines.join(''), fill: 'none', stroke: 'var(--veml-muted)', 'stroke-width': 1.2 });
}

export interface Donor {
  name: string;
  value: number;
  index: number;
}

/** The other sets, the nearest to the target first; those without a value are left out. */
export function donorsOf(names: string[], matrix: number[][], target: string): Donor[] {
  const row = matrix[names.indexOf(target)] ?? [];
  return names.map((name, index) => ({ name, index, value: row[index] }))
    .filter(d => d.name !== target && d.value !== null && Number.isFinite(d.value)).sort((a, b) => a.value - b.value);
}

/** The line that transfers a donor's lifecycle; null where it has none. Filled in at once: a name may hold braces. */
export function transferLine(template: string, donor: SetLines | undefined, target: SetLines | undefined): string | null {
  if (!template || !donor?.training || !target) return null;
  const parts: Record<string, string> = { donor: donor.training, target: target.data };
  return template.replace(/\{(donor|target)\}/g, (_, what: string) => parts[what]);
}
