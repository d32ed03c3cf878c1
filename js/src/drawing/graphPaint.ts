/** One picture of a lineage graph on a canvas: cards when there is room, shapes by kind when there is not. */
import type { GraphEdge, GraphNode, Layout } from './layout';
import { clip, linesOf } from './names';
import { asKind, Kind, KINDS, Palette, shapePath, SHAPES } from './theme';

export const CARD = { width: 180, height: 52 };
export const SMALL = { width: 132, height: 24 };
/** The count of a node that stands for several, at its upper right corner; a click on it opens the node. */
export const BADGE = { width: 30, height: 16 };

export interface Scene {
  nodes: GraphNode[];
  edges: GraphEdge[];
  layout: Layout;
  scale: number;
  left: number;
  top: number;
  width: number;
  height: number;
  selected: number;
  hover: number;
  /** ancestors and descendants of the selected node, itself included; empty when none is selected */
  up: Set<number>;
  down: Set<number>;
  /** nodes that the search found, or null without a search */
  found: Set<number> | null;
  colours: Palette;
}

export const isSmall = (n: GraphNode) => asKind(n.kind) === 'metadata';
export const box = (n: GraphNode) => (isSmall(n) ? SMALL : CARD);
/** Whether cards are readable at this scale. */
export const asCards = (scale: number) => CARD.height * scale >= 20;
export const radius = (scale: number) => Math.max(2, Math.min(11, 16 * scale));

export function paint(ctx: CanvasRenderingContext2D, scene: Scene): void {
  ctx.clearRect(0, 0, scene.width, scene.height);
  const lit = lightOf(scene);
  edgeLines(ctx, scene);
  if (asCards(scene.scale)) cards(ctx, scene, lit);
  else shapes(ctx, scene, lit);
  edgeLabels(ctx, scene);
}

/** Which nodes are at full strength; all of them when nothing is selected or searched. */
function lightOf({ nodes, selected, up, down, found }: Scene): (i: number) => boolean {
  if (found) return i => found.has(i) || i === selected;
  if (selected >= 0 && nodes.length > 1) return i => up.has(i) || down.has(i);
  return () => true;
}

const sx = (v: Scene, x: number) => v.left + x * v.scale;
const sy = (v: Scene, y: number) => v.top + y * v.scale;

function inView(v: Scene, i: number): boolean {
  const x = sx(v, v.layout.x[i]), y = sy(v, v.layout.y[i]);
  const w = CARD.width * v.scale, h = CARD.height * v.scale;
  return x > -w && x < v.width + w && y > -h - 20 && y < v.height + h + 20;
}

/** The points of edge e on the screen: out of its source, straight through the layers it crosses, into its target. */
function route(v: Scene, e: number): [number, number][] | null {
  const ends = v.layout.ends[e];
  if (!ends) return null;
  const [a, b] = ends;
  const wide = asCards(v.scale);
  const half = (i: number) => (wide ? (box(v.nodes[i]).width / 2) * v.scale : radius(v.scale));
  const ax = sx(v, v.layout.x[a]), bx = sx(v, v.layout.x[b]);
  const points: [number, number][] = [[ax + half(a), sy(v, v.layout.y[a])]];
  const bends = v.layout.bends[e];
  const pass = wide ? (CARD.width / 2) * v.scale : 0;
  for (let i = 0; i < bends.length; i += 2) {
    const x = sx(v, bends[i]), y = sy(v, bends[i + 1]);
    points.push([x - pass, y]);
    if (pass) points.push([x + pass, y]);
  }
  points.push([bx - half(b), sy(v, v.layout.y[b])]);
  return points;
}

function trace(ctx: CanvasRenderingContext2D, points: [number, number][], curved: boolean): void {
  ctx.moveTo(points[0][0], points[0][1]);
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1], [x1, y1] = points[i];
    const m = (x0 + x1) / 2;
    if (curved && y0 !== y1) ctx.bezierCurveTo(m, y0, m, y1, x1, y1);
    else ctx.lineTo(x1, y1);
  }
}

function edgeLines(ctx: CanvasRenderingContext2D, v: Scene): void {
  const curved = v.scale > 0.2;
  const marked = v.selected >= 0;
  const passes: ('faded' | 'plain' | 'marked')[] = marked || v.found ? ['faded', 'marked'] : ['plain'];
  for (const pass of passes) {
    ctx.beginPath();
    const heads: [number, number][] = [];
    const dashed: [number, number][][] = [];
    for (let e = 0; e < v.edges.length; e++) {
      const ends = v.layout.ends[e];
      if (!ends) continue;
      const [a, b] = ends;
      const on = marked && ((v.up.has(a) && v.up.has(b)) || (v.down.has(a) && v.down.has(b)));
      if (pass !== 'plain' && (pass === 'marked') !== on) continue;
      const points = route(v, e)!;
      const xs = points.map(p => p[0]), ys = points.map(p => p[1]);
      if (Math.max(...xs) < 0 || Math.min(...xs) > v.width || Math.max(...ys) < 0 || Math.min(...ys) > v.height) continue;
      if (isSmall(v.nodes[a]) || isSmall(v.nodes[b])) dashed.push(points);
      else trace(ctx, points, curved);
      if (v.scale > 0.3) heads.push(points[points.length - 1]);
    }
    const colour = pass === 'marked' ? v.colours.accent : v.colours.dark ? '#7d8594' : '#98a1ae';
    ctx.globalAlpha = pass === 'faded' ? 0.3 : 1;
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = pass === 'marked' ? Math.max(1.2, 2 * Math.min(1, v.scale)) : Math.max(0.5, Math.min(1.4, 1.4 * v.scale));
    ctx.stroke();
    if (dashed.length) {
      ctx.setLineDash([3, 3]);
      ctx.beginPath();
      dashed.forEach(p => trace(ctx, p, curved));
      ctx.stroke();
      ctx.setLineDash([]);
    }
    const size = Math.max(3.5, Math.min(7, 6.5 * v.scale));
    ctx.beginPath();
    for (const [x, y] of heads) {
      ctx.moveTo(x + 0.5, y);
      ctx.lineTo(x - size, y - size * 0.55);
      ctx.lineTo(x - size, y + size * 0.55);
      ctx.closePath();
    }
    ctx.fill();
    ctx.globalAlpha = 1;
  }
}

function rounded(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  ctx.beginPath();
  ctx.roundRect(x, y, w, h, r);
}

function cards(ctx: CanvasRenderingContext2D, v: Scene, lit: (i: number) => boolean): void {
  const k = v.scale;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (let i = 0; i < v.nodes.length; i++) {
    if (!inView(v, i)) continue;
    const node = v.nodes[i], kind = asKind(node.kind), { width, height } = box(node);
    const w = width * k, h = height * k;
    const x = sx(v, v.layout.x[i]) - w / 2, y = sy(v, v.layout.y[i]) - h / 2;
    const small = isSmall(node);
    ctx.globalAlpha = lit(i) ? 1 : 0.32;
    if (node.members) { // a stack of cards
      rounded(ctx, x + 5 * k, y - 5 * k, w, h, 7 * k);
      ctx.fillStyle = v.colours.surface;
      ctx.fill();
      ctx.strokeStyle = v.colours.kind[kind];
      ctx.lineWidth = 1;
      ctx.stroke();
    }
    rounded(ctx, x, y, w, h, (small ? 12 : 7) * k);
    ctx.fillStyle = v.colours.surface;
    ctx.fill();
    ctx.fillStyle = v.colours.kind[kind];
    const strength = ctx.globalAlpha;
    ctx.globalAlpha = strength * (v.colours.dark ? 0.2 : 0.11);
    ctx.fill();
    ctx.globalAlpha = strength;
    const chosen = i === v.selected;
    ctx.lineWidth = chosen ? 3 : i === v.hover || v.found?.has(i) ? 2 : 1;
    ctx.strokeStyle = chosen ? v.colours.accent : v.colours.kind[kind];
    if (small) ctx.setLineDash([3, 2]);
    ctx.stroke();
    ctx.setLineDash([]);

    const r = (small ? 4.5 : 7) * k, cx = x + (small ? 13 : 17) * k, cy = y + h / 2;
    ctx.beginPath();
    shapePath(ctx, SHAPES[kind], cx, cy, small ? r * 1.5 : r);
    ctx.fillStyle = v.colours.kind[kind];
    ctx.fill();
    const at = x + (small ? 23 : 30) * k, room = w - (small ? 30 : 36) * k;
    if (small) {
      ctx.fillStyle = v.colours.muted;
      ctx.font = `${11 * k}px ${v.colours.font}`;
      ctx.fillText(clip(ctx, node.name, room), at, cy + 0.5);
      continue;
    }
    const [shared, own] = linesOf(node), line = k <= 0.55 ? '' : under(node);
    const rows = [shared && { text: shared, size: 10.5, strong: false }, { text: own, size: 12.5, strong: true }, line && { text: line, size: 10.5, strong: false }];
    const said = rows.filter(row => typeof row === 'object');
    said.forEach(({ text, size, strong }, j) => {
      ctx.fillStyle = strong ? v.colours.text : v.colours.muted;
      ctx.font = `${strong ? '600 ' : ''}${size * k}px ${v.colours.font}`;
      ctx.fillText(clip(ctx, text, room), at, cy + (j - (said.length - 1) / 2) * 14.5 * k + 0.5);
    });
    if (node.members) badge(ctx, v, node.members.length, x + w, y, kind);
  }
  ctx.globalAlpha = 1;
}

/** How many versions a node stands for, on its upper right corner. */
function badge(ctx: CanvasRenderingContext2D, v: Scene, n: number, right: number, top: number, kind: Kind): void {
  const k = v.scale, w = BADGE.width * k, h = BADGE.height * k;
  rounded(ctx, right - w + 6 * k, top - h / 2, w, h, h / 2);
  ctx.fillStyle = v.colours.kind[kind];
  ctx.fill();
  ctx.fillStyle = v.colours.surface;
  ctx.font = `600 ${10.5 * k}px ${v.colours.font}`;
  ctx.textAlign = 'center';
  ctx.fillText(n > 999 ? '999+' : String(n), right - w / 2 + 6 * k, top + 0.5);
  ctx.textAlign = 'left';
}

/** The second line of a card: what the version says of itself, or its kind. */
function under(node: GraphNode): string {
  const d = node.detail ?? {};
  const said = d.summary ?? d.operation ?? d.metric;
  return typeof said === 'string' && said ? said : `${node.kind} version`;
}

function shapes(ctx: CanvasRenderingContext2D, v: Scene, lit: (i: number) => boolean): void {
  const r = radius(v.scale);
  for (const kind of [...KINDS, 'metadata'] as Kind[]) {
    for (const on of [false, true]) {
      ctx.beginPath();
      for (let i = 0; i < v.nodes.length; i++) {
        if (asKind(v.nodes[i].kind) !== kind || lit(i) !== on || !inView(v, i)) continue;
        shapePath(ctx, SHAPES[kind], sx(v, v.layout.x[i]), sy(v, v.layout.y[i]), r);
      }
      ctx.globalAlpha = on ? 1 : 0.25;
      ctx.fillStyle = v.colours.kind[kind];
      ctx.fill();
    }
  }
  ctx.globalAlpha = 1;
  for (const [i, colour] of [[v.hover, v.colours.muted], [v.selected, v.colours.accent]] as [number, string][]) {
    if (i < 0) continue;
    ctx.beginPath();
    ctx.arc(sx(v, v.layout.x[i]), sy(v, v.layout.y[i]), r + 4, 0, 7);
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = colour;
    ctx.stroke();
    label(ctx, v, v.nodes[i].name, sx(v, v.layout.x[i]), sy(v, v.layout.y[i]) - r - 12);
  }
  if (v.scale > 0.25) {
    ctx.font = `11px ${v.colours.font}`;
    ctx.fillStyle = v.colours.text;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ctx.strokeStyle = v.colours.surface; // a rim, so that names stay readable over lines
    ctx.lineWidth = 3;
    ctx.lineJoin = 'round';
    const layers = 1 + v.layout.rank.reduce((a, b) => Math.max(a, b), 0);
    const room = Math.max(40, layers > 1 ? (v.layout.width / (layers - 1)) * v.scale - 2 * r - 14 : 240);
    for (let i = 0; i < v.nodes.length; i++) {
      if (!inView(v, i) || !lit(i)) continue;
      const text = clip(ctx, linesOf(v.nodes[i])[1], room), x = sx(v, v.layout.x[i]) + r + 4, y = sy(v, v.layout.y[i]);
      ctx.strokeText(text, x, y);
      ctx.fillText(text, x, y);
    }
  }
}

function label(ctx: CanvasRenderingContext2D, v: Scene, text: string, x: number, y: number, size = 11): void {
  ctx.font = `${size}px ${v.colours.font}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  const w = ctx.measureText(text).width + 8;
  rounded(ctx, x - w / 2, y - 8, w, 16, 4);
  ctx.fillStyle = v.colours.surface;
  ctx.globalAlpha = 0.92;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.fillStyle = v.colours.muted;
  ctx.fillText(text, x, y + 0.5);
}

/** Edge types: all of them when zoomed in, else only around the node under the pointer or the chosen one. */
function edgeLabels(ctx: CanvasRenderingContext2D, v: Scene): void {
  const all = v.scale >= 1.15 && v.edges.length <= 300;
  if (!all && v.hover < 0 && v.selected < 0) return;
  const taken: [number, number][] = [];
  for (let e = 0; e < v.edges.length; e++) {
    const ends = v.layout.ends[e];
    if (!ends) continue;
    const touched = ends.includes(v.hover) || (ends.includes(v.selected) && v.scale >= 0.62); // smaller: they would hide cards
    if (!all && !touched) continue;
    const text = (v.edges[e].type ?? '').replace(/_/g, ' ');
    if (!text) continue;
    // beside the arrow head, where edges into different nodes have come apart
    const points = route(v, e)!;
    const [x1, y] = points[points.length - 1];
    const size = Math.max(8.5, Math.min(11, 11 * v.scale));
    ctx.font = `${size}px ${v.colours.font}`;
    const x = x1 - ctx.measureText(text).width / 2 - 11;
    let lower = y;
    while (taken.some(([tx, ty]) => Math.abs(tx - x1) < 60 && Math.abs(ty - lower) < 15)) lower += 15;
    taken.push([x1, lower]);
    if (x > -60 && x < v.width + 60 && y > -20 && y < v.height + 20) label(ctx, v, text, x, lower, size);
  }
}

/** An edge in words, its operation too. */
export function edgeText(edge: GraphEdge): string {
  const type = (edge.type ?? '').replace(/_/g, ' ');
  return edge.operation && edge.operation !== edge.type ? (type ? `${type} (${edge.operation})` : edge.operation) : type;
}
