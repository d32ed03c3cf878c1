/** The lineage graph: one component for the notebook widget and for JupyterLab's main area. */
import { choice } from './controls';
import { clustered, Fold, folded, MOST_PLAIN } from './clusters';
import { h } from './dom';
import { cardOf, Relation } from './graphCard';
import { graphPicture, PictureKind } from './graphExport';
import { belonging, neighbour, nodeAt, onBadge, Shown, SHOWN } from './graphFocus';
import { listenTo } from './graphInput';
import { asCards, box, CARD, edgeText, isSmall, paint, Scene } from './graphPaint';
import { MiniMap } from './graphMap';
import { freeRoom, Room, stretch, WIDE_PX } from './graphRoom';
import { Sheet } from './graphSheet';
import { GraphEdge, GraphNode, layered, Layout, reach } from './layout';
import { Frame, frame, legendKey } from './parts';
import { KINDS } from './theme';
import { count as inWords, trans } from './words';

export interface GraphOptions {
  label?: string;
  /** zoom by the wheel alone; otherwise only with the graph focused, so that a notebook still scrolls */
  wheelZooms?: boolean;
  onSelect?: (id: string) => void;
  /** more facts of one version, asked for when its card opens */
  details?: (id: string) => Promise<Record<string, unknown>>;
}

/** What the kernel says of a graph's looks: the lines of each node's name, in the order of the nodes, and its folds. */
export interface Dress {
  lines?: string[][];
  folds?: Fold[];
}

/** Room for the legend under the graph. */
const LEGEND_PX = 24;
/** Nodes and lines from which on panning moves a picture, and zooming stretches one. */
const MANY_TO_PAN = 300, MANY_TO_ZOOM = 4000;
/** Without movement for so long, the graph is painted anew. */
const REST_MS = 150;

export class GraphView {
  constructor(host: HTMLElement, readonly options: GraphOptions = {}) {
    this.frame = frame(host, 'veml-graph', options.label ?? trans.__('Lineage graph'), () => this.draw());
    this.search = h('input', { type: 'search', placeholder: trans.__('Find a version'), 'aria-label': trans.__('Find a version') });
    this.metadata = h('button', { type: 'button', 'aria-pressed': 'true' }, trans.__('Metadata'));
    this.grouping = h('button', { type: 'button', 'aria-pressed': 'false', title: trans.__('One node for each family of versions') }, trans.__('Families'));
    this.folding = h('button', { type: 'button', 'aria-pressed': 'true', title: trans.__('One node for a set with its parts, and for the siblings of a search or a rebuild') }, trans.__('Folded'));
    this.focusing = choice(trans.__('Show'), SHOWN.map(([v, said]): [string, string] => [v, trans.__(said)]), 'all', v => this.show(v as Shown));
    const save = choice(trans.__('Save the picture'), [['', trans.__('Save as…')], ['svg', 'SVG'], ['png', 'PNG']], '', v => {
      save.value = '';
      if (v) void this.export(v as PictureKind);
    });
    this.note = h('span', { class: 'veml-note', 'aria-live': 'polite' });
    this.canvas = h('canvas', { tabindex: 0, role: 'img', 'aria-label': trans.__('Lineage graph') });
    this.stage = h('div', { class: 'veml-stage' }, this.canvas);
    const fit = h('button', { type: 'button', title: trans.__('Show everything (0)') }, trans.__('Fit'));
    const nearer = h('button', { type: 'button', title: trans.__('Zoom in (+)'), 'aria-label': trans.__('Zoom in') }, '+');
    const farther = h('button', { type: 'button', title: trans.__('Zoom out (-)'), 'aria-label': trans.__('Zoom out') }, '−');
    const keys = h('div', { class: 'veml-legend' }, ...KINDS.map(k => legendKey(k, trans.__(k))));
    const view = h('span', { class: 'veml-segments' }, farther, nearer, fit);
    this.frame.root.append(
      h('div', { class: 'veml-bar' }, this.search, this.note, h('span', { class: 'veml-space' }),
        this.metadata, this.folding, this.grouping, this.focusing, save, view),
      this.stage);
    this.map = new MiniMap((x, y) => this.centre(x, y));
    this.stage.append(keys, this.map.element);
    fit.onclick = () => { this.fit(); this.draw(); };
    nearer.onclick = () => this.zoom(1.25);
    farther.onclick = () => this.zoom(0.8);
    this.metadata.onclick = () => { this.showMetadata = !this.showMetadata; this.arrange(); };
    this.folding.onclick = () => { this.isFolded = !this.isFolded; this.opened.clear(); this.arrange(); this.card(); };
    this.grouping.onclick = () => { this.families = !this.asFamilies; this.opened.clear(); this.arrange(); };
    this.search.oninput = () => this.find();
    this.search.onkeydown = e => { e.stopPropagation(); if (e.key === 'Enter') this.nextFound(); };
    this.unlisten = listenTo(this.canvas, this);
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.stage);
  }

  get selected(): string { return this.chosen; }

  set(nodes: GraphNode[], edges: GraphEdge[], { lines = [], folds = [] }: Dress = {}): void {
    this.allNodes = lines.length === nodes.length ? nodes.map((n, i) => ({ ...n, lines: lines[i] })) : nodes;
    this.allEdges = edges;
    this.known = new Set(nodes.map(n => n.id));
    this.folds = folds;
    if (this.chosen && !this.known.has(this.chosen)) this.chosen = '';
    this.arrange();
    this.card();
  }

  /** Choose a version (or a family); `tell` = whether onSelect hears of it. */
  select(id: string, tell = true): void {
    if (id === this.chosen) return;
    this.chosen = id;
    const ends = this.shown === 'path' && !this.end && id !== '' && id !== this.start;
    if (ends) this.end = id;
    if (ends || (id && this.shown !== 'all' && this.shown !== 'path')) this.arrange();
    else if (!id && this.shown !== 'all') this.show('all');
    else this.mark();
    this.card();
    this.uncover(tell);
    if (tell && (id === '' || this.known.has(id))) this.options.onSelect?.(id);
  }

  /** Show only what belongs to the chosen version; a path asks for its other end. */
  show(what: Shown): void {
    this.shown = what === 'all' || this.chosen ? what : 'all';
    this.start = this.shown === 'path' ? this.chosen : '';
    this.end = '';
    this.focusing.value = this.shown;
    this.arrange();
  }

  /** The whole graph as it is shown, cards and all, as a file. */
  async export(kind: PictureKind): Promise<void> {
    const url = URL.createObjectURL(await graphPicture(kind, this.scene()));
    const link = h('a', { href: url, download: `lineage.${kind}` });
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  dispose(): void {
    cancelAnimationFrame(this.pending);
    window.clearTimeout(this.resting);
    this.resizing.disconnect();
    this.unlisten();
    this.frame.dispose();
  }

  private arrange(): void {
    let nodes = this.allNodes;
    const has = nodes.some(isSmall);
    this.metadata.style.display = has ? '' : 'none';
    this.metadata.setAttribute('aria-pressed', String(this.showMetadata));
    if (!this.showMetadata) nodes = nodes.filter(n => !isSmall(n));
    let edges = this.allEdges;
    const kept = belonging(this.shown, nodes, edges, this.chosen, this.start, this.end, id => this.stacks.get(id)?.members ?? [id]);
    if (kept) nodes = nodes.filter((_, i) => kept.has(i));
    this.stacks = new Map();
    this.home = null;
    this.grouping.style.display = this.allNodes.length > 40 ? '' : 'none';
    this.asFamilies = this.families ?? nodes.length > MOST_PLAIN;
    this.grouping.setAttribute('aria-pressed', String(this.asFamilies));
    this.folding.style.display = this.folds.length && !this.asFamilies ? '' : 'none';
    this.folding.setAttribute('aria-pressed', String(this.isFolded));
    if (this.asFamilies || (this.isFolded && this.folds.length)) {
      const made = this.asFamilies ? clustered(nodes, edges, this.opened) : folded(nodes, edges, this.folds, this.opened);
      ({ nodes, edges } = made);
      this.home = made.home;
      for (const n of nodes) if (n.members) this.stacks.set(n.id, n);
      if (this.chosen && !this.known.has(this.chosen) && !this.stacks.has(this.chosen)) this.chosen = ''; // a fold that has opened
    }
    this.nodes = nodes;
    const known = new Set(nodes.map(n => n.id));
    this.edges = edges.filter(e => known.has(e.source) && known.has(e.target));
    this.layout = layered(nodes, this.edges);
    this.stretch = 1;
    this.frame.root.dataset.nodes = String(nodes.length);
    this.fitted = false;
    this.find(false);
    this.mark();
    this.resize();
  }

  private mark(): void {
    this.at = this.layout.index.get(this.home?.get(this.chosen) ?? this.chosen) ?? -1;
    this.up = this.at < 0 ? new Set() : reach(this.at, this.layout.parents);
    this.down = this.at < 0 ? new Set() : reach(this.at, this.layout.children);
    this.focusing.disabled = !this.chosen && this.shown === 'all';
    this.frame.root.dataset.selected = this.chosen;
    this.say();
    this.draw();
  }

  private say(): void {
    const node = this.nodes[this.at];
    const versions = this.nodes.filter(n => !isSmall(n)).reduce((t, n) => t + (n.members?.length ?? 1), 0);
    this.note.textContent = this.shown === 'path' && !this.end ? trans.__('Choose where the path ends')
      : this.found ? trans.__('%1 of %2 found', this.hits.length, versions)
      : this.asFamilies && !node ? trans.__('%1 versions in %2 families and versions', inWords(versions), this.nodes.length)
      : node ? trans.__('%1: %2 before it, %3 after it', node.name, this.up.size - 1, this.down.size - 1) : trans._n('%1 version', '%1 versions', versions);
    this.canvas.setAttribute('aria-label', node
      ? trans.__('%1 %2, %3 ancestors, %4 descendants', trans.__(node.kind), node.name, this.up.size - 1, this.down.size - 1)
      : trans.__('Lineage graph of %1 versions. Arrow keys move between parents, children and siblings.', versions));
  }

  private find(redraw = true): void {
    const text = this.search.value.trim().toLowerCase();
    // a version that its family hides is found as well
    this.hits = text ? this.allNodes.filter(n => `${n.name} ${n.id} ${n.kind}`.toLowerCase().includes(text) && this.place(n.id) >= 0).map(n => n.id) : [];
    this.found = text ? new Set(this.hits.map(id => this.place(id))) : null;
    if (redraw) { this.say(); this.draw(); }
  }

  /** Where a version is drawn: its own node, or that of its family; -1 where it is not. */
  private place(id: string): number {
    return this.layout.index.get(this.home?.get(id) ?? id) ?? -1;
  }

  private nextFound(): void {
    if (!this.hits.length) return;
    const next = this.hits[(this.hits.indexOf(this.chosen) + 1) % this.hits.length];
    const family = this.home?.get(next);
    if (family && family !== next && this.stacks.has(family)) this.open(family);
    this.select(next);
    this.reveal(this.at);
  }

  /** Show the versions of a family, or the family again. */
  open(family: string): void {
    if (!this.opened.delete(family)) this.opened.add(family);
    this.arrange();
    this.card();
  }

  private card(): void {
    this.stage.querySelector('.veml-card')?.remove();
    const node = this.nodes[this.at];
    if (!node) return;
    const back = this.opened.size ? this.folds.find(f => this.opened.has(f.id) && f.members.includes(this.chosen)) : undefined;
    const card = cardOf(node, node.members !== undefined && node.id === this.chosen, {
      fold: back && (() => this.open(back.id)),
      relations: this.relations(),
      nameOf: id => this.allNodes.find(n => n.id === id)?.name ?? id,
      close: () => { this.select(''); this.canvas.focus(); },
      open: id => {
        this.open(node.id);
        if (id) { this.select(id); this.reveal(this.at); }
      },
      go: id => { this.select(id); this.reveal(this.at); }
    });
    this.stage.append(card.element);
    const asked = this.chosen;
    if (!node.members || node.set) {
      this.options.details?.(asked).then(detail => { if (this.chosen === asked) card.tell(detail); },
        (e: Error) => { if (this.chosen === asked) card.fail(e.message); });
    }
  }

  /** What the chosen version comes from and what came of it. */
  private relations(): Relation[] {
    return ([[trans.__('From'), 1], [trans.__('Into'), 0]] as const).flatMap(([heading, mine]) => this.edges.flatMap((e, k) => {
      const ends = this.layout.ends[k];
      return ends && ends[mine] === this.at ? [{ heading, text: edgeText(e), other: this.nodes[ends[1 - mine]] }] : [];
    }));
  }

  /** Show everything. A graph too tall for cards is drawn as shapes, and spread over the width for their names. */
  fit(): void {
    this.spread(1);
    const { W, H } = this.room();
    const tall = (H - 30 - LEGEND_PX) / (this.layout.height + 46);
    const wide = (W - 40) / (this.layout.width + 196);
    if (tall < wide && !asCards(tall)) this.spread(Math.min(3, wide / tall));
    const { width, height } = this.layout;
    this.scale = Math.max(0.005, Math.min(1.05, tall, (W - 40) / (width + 196)));
    this.left = (W - width * this.scale) / 2;
    this.top = (H - LEGEND_PX - height * this.scale) / 2;
    this.moved = false;
  }

  private room(): Room {
    return freeRoom(this.stage.clientWidth, this.stage.clientHeight, Boolean(this.nodes[this.at]));
  }

  /** After a choice: show everything beside the details, or after a click only bring a node out from under them. */
  private uncover(clicked: boolean): void {
    if (!this.fitted || this.moved) return;
    const { W, H } = this.room(), i = this.at;
    const half = i < 0 ? 0 : (asCards(this.scale) ? box(this.nodes[i]).width / 2 : CARD.height / 2) * this.scale;
    const free = i < 0 || (this.left + this.layout.x[i] * this.scale + half <= W && this.top + this.layout.y[i] * this.scale + half <= H);
    if (clicked && free) return;
    this.fit();
    this.draw();
  }

  /** Set the layers `factor` times as far apart as they were laid out. */
  private spread(factor: number): void {
    if (factor !== this.stretch) stretch(this.layout, factor / this.stretch);
    this.stretch = factor;
  }

  reveal(i: number): void {
    const x = this.left + this.layout.x[i] * this.scale, y = this.top + this.layout.y[i] * this.scale;
    const W = this.stage.clientWidth;
    if (!asCards(this.scale)) this.zoom(0.62 / this.scale, x, y);
    const nx = this.left + this.layout.x[i] * this.scale, ny = this.top + this.layout.y[i] * this.scale;
    const free = this.room();
    const far = nx < 90 || nx > free.W - (W > WIDE_PX ? 10 : 90), off = ny < 30 || ny > free.H - 30;
    if (far) this.left += (W > WIDE_PX ? W * 0.4 : W / 2) - nx;
    if (off) this.top += free.H / 2 - ny;
    this.moved ||= far || off;
    this.draw();
  }

  zoom(factor: number, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2): void {
    this.moved = true;
    const next = Math.max(0.005, Math.min(4, this.scale * factor));
    this.left = x - ((x - this.left) * next) / this.scale;
    this.top = y - ((y - this.top) * next) / this.scale;
    this.scale = next;
    this.draw(this.nodes.length + this.edges.length > MANY_TO_ZOOM);
  }

  private resize(): void {
    const W = this.stage.clientWidth, H = this.stage.clientHeight;
    if (!W || !H) return; // a hidden tab or an off-screen cell: comes again when it is laid out
    const dpr = window.devicePixelRatio || 1;
    const sized = W !== this.width || H !== this.height;
    this.width = W;
    this.height = H;
    this.canvas.width = W * dpr;
    this.canvas.height = H * dpr;
    this.canvas.style.width = `${W}px`;
    this.canvas.style.height = `${H}px`;
    if (!this.fitted || (!this.moved && sized)) { // what the reader has moved stays where it is
      this.fit();
      this.fitted = true;
    }
    this.draw();
  }

  /** Paint in the next frame; `moved`: nothing but the place and size of the graph is new. */
  draw(moved = false): void {
    this.stale ||= !moved;
    cancelAnimationFrame(this.pending);
    this.pending = requestAnimationFrame(() => {
      const ctx = this.canvas.getContext('2d');
      if (!ctx || !this.fitted) return;
      const dpr = window.devicePixelRatio || 1;
      window.clearTimeout(this.resting);
      this.map.draw(this.scene());
      if (this.stale) {
        this.stale = false;
        this.sheet.drop();
        ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
        paint(ctx, this.scene());
      } else {
        this.sheet.put(ctx, this.scene(), dpr);
        this.resting = window.setTimeout(() => this.draw(), REST_MS);
      }
      this.frame.root.dataset.cards = asCards(this.scale) ? '1' : '0';
      this.frame.root.dataset.ready = '1';
    });
  }

  private scene(): Scene {
    return {
      nodes: this.nodes, edges: this.edges, layout: this.layout, scale: this.scale, left: this.left, top: this.top,
      width: this.width, height: this.height, selected: this.at, hover: this.hover,
      up: this.up, down: this.down, found: this.found, colours: this.frame.colours()
    };
  }

  /** The node under a point of the canvas, or -1. */
  hit(px: number, py: number): number {
    return nodeAt(this.scene(), px, py);
  }

  /** Move the picture by pixels. */
  pan(dx: number, dy: number): void {
    this.moved = true;
    this.left += dx;
    this.top += dy;
    this.draw(this.nodes.length + this.edges.length > MANY_TO_PAN);
  }

  /** Bring a place of the layout to the middle of the stage. */
  private centre(x: number, y: number): void {
    this.moved = true;
    this.left = this.width / 2 - x * this.scale;
    this.top = this.height / 2 - y * this.scale;
    this.draw(this.nodes.length + this.edges.length > MANY_TO_PAN);
  }

  /** The node under the pointer, or -1. */
  point(i: number): void {
    if (i === this.hover) return;
    this.hover = i;
    this.canvas.style.cursor = i < 0 ? 'grab' : 'pointer';
    this.canvas.title = i < 0 ? '' : `${this.nodes[i].kind} · ${this.nodes[i].name}`;
    this.draw();
  }

  /** The pointer or Enter on a node; -1 is the ground. A family that is chosen already opens. */
  press(i: number, x = -1, y = -1): void {
    const id = i < 0 ? '' : this.nodes[i].id;
    const opens = id && this.nodes[i].members && ((id === this.chosen && !this.nodes[i].set) || onBadge(this.scene(), i, x, y));
    if (opens) this.open(id);
    else this.select(id);
  }

  /** One key of the keyboard; whether it meant something. */
  key(key: string): boolean {
    const { at } = this;
    if (key === '0') { this.fit(); this.draw(); return true; }
    if (key === '+' || key === '-') { this.zoom(key === '+' ? 1.25 : 0.8); return true; }
    if (key === 'Enter' && at >= 0) { this.press(at); return true; }
    if (key === 'Escape' && (this.chosen || this.shown !== 'all')) { this.select(''); this.show('all'); return true; }
    if (!key.startsWith('Arrow') || !this.nodes.length) return false;
    const to = neighbour(this.layout, this.at, key);
    if (to >= 0) {
      this.select(this.nodes[to].id);
      this.reveal(this.at);
    }
    return true;
  }

  private readonly frame: Frame;
  private readonly stage: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly search: HTMLInputElement;
  private readonly metadata: HTMLButtonElement;
  private readonly grouping: HTMLButtonElement;
  private readonly folding: HTMLButtonElement;
  private readonly map: MiniMap;
  private readonly focusing: HTMLSelectElement;
  private readonly unlisten: () => void;
  private readonly note: HTMLElement;
  private readonly resizing: ResizeObserver;
  private allNodes: GraphNode[] = [];
  private allEdges: GraphEdge[] = [];
  private nodes: GraphNode[] = [];
  private edges: GraphEdge[] = [];
  private layout: Layout = layered([], []);
  private chosen = '';
  private at = -1;
  private hover = -1;
  private up = new Set<number>();
  private down = new Set<number>();
  private found: Set<number> | null = null;
  /** whether the small nodes of what models share are drawn */
  showMetadata = true;
  private shown: Shown = 'all';
  private start = '';
  private end = '';
  /** whether families are drawn: as the user said, or null for by the size of the graph */
  private families: boolean | null = null;
  private asFamilies = false;
  /** what stands together unless it was opened, and whether it does at all */
  private folds: Fold[] = [];
  private isFolded = true;
  private known = new Set<string>();
  private readonly opened = new Set<string>();
  private stacks = new Map<string, GraphNode>();
  private home: Map<string, string> | null = null;
  private hits: string[] = [];
  /** of the stage; kept, for asking the page in each frame may make it lay itself out */
  private width = 0;
  private height = 0;
  private scale = 1;
  private left = 0;
  private top = 0;
  private fitted = false;
  /** whether the reader has moved or zoomed it since it was fitted */
  private moved = false;
  private stretch = 1;
  private pending = 0;
  private resting = 0;
  private stale = true;
  private readonly sheet = new Sheet();
}
