import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clustered, Fold, folded } from '../src/drawing/clusters';
import { GraphView } from '../src/drawing/graph';
import { graphSvg } from '../src/drawing/graphExport';
import { mapped, partial } from '../src/drawing/graphMap';
import { GraphEdge, GraphNode, layered } from '../src/drawing/layout';
import { palette } from '../src/drawing/theme';
import { until } from './fakes';
import { drawn } from './setup';

/** `sets` data sets, each with a train part and `runs` trainings that are deployed. */
function lab(sets: number, runs: number): [GraphNode[], GraphEdge[]] {
  const nodes: GraphNode[] = [{ id: 'm', kind: 'model', name: 'net' }], edges: GraphEdge[] = [];
  for (let s = 0; s < sets; s++) {
    nodes.push({ id: `d${s}`, kind: 'data', name: `set ${s}` }, { id: `p${s}`, kind: 'data', name: `set ${s} train` });
    edges.push({ source: `d${s}`, target: `p${s}`, type: 'derived_from' });
    for (let r = 0; r < runs; r++) {
      nodes.push({ id: `t${s}-${r}`, kind: 'training', name: `run ${r} on set ${s}` }, { id: `i${s}-${r}`, kind: 'inference', name: `live ${s}-${r}` });
      edges.push({ source: `p${s}`, target: `t${s}-${r}`, type: 'trained_on' }, { source: 'm', target: `t${s}-${r}`, type: 'instance_of' }, { source: `t${s}-${r}`, target: `i${s}-${r}`, type: 'deployed_as' });
    }
  }
  return [nodes, edges];
}

describe('families', () => {
  it('stand for every version exactly once, and an edge between families for every edge between their versions', () => {
    const [nodes, edges] = lab(5, 20);
    const { nodes: shown, edges: between, home } = clustered(nodes, edges);
    expect(home.size).toBe(nodes.length);
    const held = shown.flatMap(n => n.members ?? [n.id]);
    expect(new Set(held).size).toBe(nodes.length);
    expect(held).toHaveLength(nodes.length);
    // data, trainings and deployments of each set, and the model
    expect(shown).toHaveLength(5 * 3 + 1);
    const wanted = new Set(edges.filter(e => home.get(e.source) !== home.get(e.target)).map(e => `${home.get(e.source)} ${home.get(e.target)}`));
    expect(new Set(between.map(e => `${e.source} ${e.target}`))).toEqual(wanted);
    expect(between.find(e => e.type === 'deployed_as')!.operation).toBe('20 times');
  });
  it('a family that is open shows its versions', () => {
    const [nodes, edges] = lab(2, 10);
    const family = clustered(nodes, edges).home.get('t0-0')!;
    const open = clustered(nodes, edges, new Set([family]));
    expect(open.home.get('t0-3')).toBe('t0-3');
    expect(open.home.get('t1-3')).not.toBe('t1-3');
  });
  it('survive a cycle and never lose its versions', () => {
    const nodes = ['a', 'b', 'c'].map(id => ({ id, kind: 'data', name: id }));
    const { home } = clustered(nodes, [{ source: 'a', target: 'b' }, { source: 'b', target: 'c' }, { source: 'c', target: 'a' }]);
    expect(home.size).toBe(3);
  });
});

/** As the kernel folds such a lab: parts into their set, the runs of a set and what was deployed of them. */
function foldsOf(sets: number, runs: number): Fold[] {
  return Array.from({ length: sets }, (_, s) => [
    { id: `d${s}`, kind: 'data', name: `set ${s}`, lines: [`set ${s}`], members: [`d${s}`, `p${s}`] },
    ...['t', 'i'].map(k => ({ id: `fold:${k}${s}-0`, kind: k === 't' ? 'training' : 'inference', name: `${k}${s} × ${runs}`, lines: [`${k}${s} × ${runs}`], members: Array.from({ length: runs }, (_, r) => `${k}${s}-${r}`) }))
  ]).flat();
}

describe('folds', () => {
  const [nodes, edges] = lab(3, 4), folds = foldsOf(3, 4);
  it('hold every version once; an opened one gives all of its own back, and folding again takes them in', () => {
    const opened = new Set<string>(), whole = folded(nodes, edges, folds, opened);
    expect(whole.nodes).toHaveLength(1 + 3 * 3);
    const held = (shown: GraphNode[]) => shown.flatMap(n => n.members ?? [n.id]).sort();
    const all = nodes.map(n => n.id).sort();
    for (const f of folds) {
      expect(held(folded(nodes, edges, folds, new Set([f.id])).nodes)).toEqual(all);
      opened.add(f.id);
    }
    expect(folded(nodes, edges, folds, opened).nodes).toEqual(nodes);
    expect(folded(nodes, edges, folds, opened).edges).toHaveLength(edges.length);
    expect(folded(nodes, edges, folds, new Set()).nodes).toEqual(whole.nodes);
  });
  it('are joined where a version of one leads to one of the other, and nowhere else', () => {
    const { edges: between, home } = folded(nodes, edges, folds, new Set());
    const wanted = new Set(edges.map(e => [home.get(e.source), home.get(e.target)]).filter(([a, b]) => a !== b).map(p => p.join(' ')));
    expect(new Set(between.map(e => `${e.source} ${e.target}`))).toEqual(wanted);
  });
  it('of which only a part is shown hold that part, and one alone is no fold', () => {
    const some = nodes.filter(n => !['t0-0', 't0-1', 't1-0', 't1-1', 't1-2', 'd2'].includes(n.id));
    const { nodes: shown } = folded(some, edges, folds, new Set());
    expect(shown.find(n => n.id === 'fold:t0-0')!.members).toEqual(['t0-2', 't0-3']);
    expect(shown.find(n => n.id === 't1-3')!.members).toBeUndefined();
    expect(shown.find(n => n.id === 'p2')!.members).toBeUndefined();
  });
});

describe('the small picture of a graph', () => {
  it('holds every node, and is there only while the stage does not', () => {
    const [nodes, edges] = lab(3, 4), layout = layered(nodes, edges), { by, x, y } = mapped({ layout });
    layout.x.forEach((at, i) => {
      expect(x + at * by).toBeGreaterThanOrEqual(0);
      expect(x + at * by).toBeLessThanOrEqual(168);
      expect(y + layout.y[i] * by).toBeGreaterThanOrEqual(0);
      expect(y + layout.y[i] * by).toBeLessThanOrEqual(104);
    });
    const scene = { layout, scale: 1, left: 0, top: 0, width: layout.width, height: layout.height } as any;
    expect(partial(scene)).toBe(false);
    for (const off of [{ left: -1 }, { top: -1 }, { left: 1 }, { top: 1 }, { scale: 1.01 }]) expect(partial({ ...scene, ...off })).toBe(true);
  });
});

describe('graph view', () => {
  let host: HTMLElement, view: GraphView;
  const shown = () => Number(host.querySelector<HTMLElement>('.veml-graph')!.dataset.nodes);
  beforeEach(() => {
    document.body.replaceChildren((host = document.createElement('div')));
    drawn.length = 0;
    view = new GraphView(host);
  });

  it('leaves room for the details of a version that is chosen before a click', async () => {
    view.set(...lab(1, 1));
    view.select('t0-0', false);
    const right = () => Math.max(...(view as any).layout.x) * (view as any).scale + (view as any).left;
    expect(right()).toBeLessThan(900 - 320);
    view.select('', false); // the details are closed: the whole stage again
    expect(right()).toBeGreaterThan(900 - 320);
  });
  it('is fitted anew to a stage of another size, unless the reader has moved it', () => {
    const stage = host.querySelector<HTMLElement>('.veml-stage')!;
    const wide = (px: number) => { Object.defineProperty(stage, 'clientWidth', { configurable: true, value: px }); (view as any).resize(); };
    view.set(...lab(1, 1));
    const before = (view as any).scale;
    wide(450);
    const narrow = (view as any).scale;
    expect(narrow).toBeLessThan(before);
    view.pan(5, 5);
    wide(900);
    expect((view as any).scale).toBe(narrow);
    view.key('0');
    expect((view as any).scale).toBe(before);
  });
  it('after a click moves only a node that the details would cover', () => {
    view.set(...lab(1, 1));
    const at = () => [(view as any).left, (view as any).scale];
    const before = at();
    view.select('d0'); // on the left
    expect(at()).toEqual(before);
    view.select('');
    view.select('i0-0'); // on the right, where the details open
    expect(at()).not.toEqual(before);
  });

  it('collapses a graph of thousands by itself, and opens a family on demand', async () => {
    view.set(...lab(40, 60));
    expect(shown()).toBe(40 * 3 + 1);
    view.select('t3-7');
    const opened = view.selected;
    expect(opened).toBe('t3-7'); // in the panel a version is chosen that its family hides
    view.select('');
    const search = host.querySelector<HTMLInputElement>('input[type=search]')!;
    search.value = 'run 7 on set 3';
    search.dispatchEvent(new Event('input'));
    search.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
    expect(shown()).toBe(40 * 3 + 1 - 1 + 60);
    await until(() => drawn.includes('run 7 on set 3'));
    expect(drawn).toContain('run 7 on set 3');
  });

  it.each([['ancestors', ['d0', 'm', 'p0', 't0-1']], ['descendants', ['i0-1', 't0-1']], ['lineage', ['d0', 'i0-1', 'm', 'p0', 't0-1']]] as const)('focuses on %s', (what, ids) => {
    view.set(...lab(2, 3));
    view.select('t0-1');
    view.show(what);
    expect((view as any).nodes.map((n: GraphNode) => n.id).sort()).toEqual([...ids].sort());
    view.show('all');
    expect(shown()).toBe(1 + 2 * 8);
  });

  it('shows the path to another version, whichever end was chosen first', () => {
    view.set(...lab(2, 3));
    view.select('i1-2');
    view.show('path');
    expect(host.textContent).toContain('Choose where the path ends');
    view.select('d1');
    expect((view as any).nodes.map((n: GraphNode) => n.id).sort()).toEqual(['d1', 'i1-2', 'p1', 't1-2']);
    view.select('p1'); // looking at a version on the path keeps the path
    expect(shown()).toBe(4);
  });

  it('moves a picture while one pans, and paints the graph again when it lies still', async () => {
    view.set(...lab(8, 20));
    const painted = () => drawn.filter(t => t === 'set 0').length;
    await until(() => host.querySelector<HTMLElement>('.veml-graph')!.dataset.ready === '1');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] });
    onTestFinished(() => void vi.useRealTimers());
    const frame = () => vi.advanceTimersByTime(16);
    view.select('d0');
    view.reveal((view as any).at); // near enough for names
    frame();
    drawn.length = 0;
    for (let i = 0; i < 20; i++) {
      view.pan(i % 2 ? 3 : -3, 1);
      frame();
    }
    expect(painted()).toBe(1); // the picture that is moved
    vi.advanceTimersByTime(200);
    expect(painted()).toBe(2); // at rest
    vi.advanceTimersByTime(5000);
    expect(painted()).toBe(2);
    drawn.length = 0;
    view.select('');
    frame();
    expect(painted()).toBe(1); // what is chosen is no matter of moving
  });

  it('folds what the kernel says; a click on the count opens it, its card folds it again, a button all of it', () => {
    const told: string[] = [];
    (view.options as any).onSelect = (id: string) => told.push(id);
    const [nodes, edges] = lab(2, 4), v = view as any;
    view.set(nodes, edges, { folds: foldsOf(2, 4), lines: nodes.map(n => [n.name]) });
    expect(shown()).toBe(1 + 2 * 3);
    const at = (id: string) => v.nodes.findIndex((n: GraphNode) => n.id === id);
    const click = (id: string, dx: number, dy: number) => view.press(at(id), v.left + (v.layout.x[at(id)] + dx) * v.scale, v.top + (v.layout.y[at(id)] + dy) * v.scale);
    v.scale = 1; // near enough for cards
    click('fold:t1-0', 0, 0);
    expect(shown()).toBe(7);
    expect(host.querySelector('.veml-card')!.textContent).toContain('t1 × 4');
    expect(told).toEqual([]); // a fold is no version: the panel hears of versions only
    v.scale = 1;
    click('fold:t1-0', 88, -26);
    expect(shown()).toBe(7 + 3);
    view.select('t1-2');
    host.querySelector<HTMLButtonElement>('.veml-fold')!.click();
    expect(shown()).toBe(7);
    expect(view.selected).toBe('t1-2');
    v.scale = 1;
    click('d0', 0, 0); // a set is a version: its facts, and its parts
    expect(told).toEqual(['t1-2', 'd0']);
    expect(host.querySelector('.veml-card')!.textContent).toContain('set 0 train');
    const fold = [...host.querySelectorAll<HTMLButtonElement>('button')].find(b => b.textContent === 'Folded')!;
    fold.click();
    expect(shown()).toBe(nodes.length);
    expect(fold.getAttribute('aria-pressed')).toBe('false');
    fold.click();
    expect(shown()).toBe(7);
  });
  it('finds a version in its fold, and opens it', () => {
    view.set(...lab(2, 4), { folds: foldsOf(2, 4) });
    const search = host.querySelector<HTMLInputElement>('input[type=search]')!;
    search.value = 'run 3 on set 1';
    search.dispatchEvent(new Event('input'));
    search.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
    expect(view.selected).toBe('t1-3');
    expect(shown()).toBe(7 + 3);
  });
  it('shows the small picture while a part is out of sight; a click in it goes there', async () => {
    view.set(...lab(1, 1));
    await until(() => host.querySelector<HTMLElement>('.veml-graph')!.dataset.ready === '1');
    const map = host.querySelector<HTMLCanvasElement>('.veml-minimap')!, v = view as any;
    expect(map.hidden).toBe(true);
    view.zoom(3);
    await until(() => !map.hidden);
    const e = new MouseEvent('pointerdown');
    Object.defineProperties(e, { offsetX: { value: mapped(v.scene()).x }, offsetY: { value: mapped(v.scene()).y } });
    map.dispatchEvent(e);
    expect(v.left).toBeCloseTo(450); // the upper left of the graph is in the middle of a stage of 900 x 420
    expect(v.top).toBeCloseTo(210);
  });

  it('names the version under the pointer, the first one too, and nothing over the ground', () => {
    view.set(...lab(1, 1));
    const canvas = host.querySelector('canvas')!;
    view.point(0);
    expect(canvas.title).toBe('model · net');
    view.point(-1);
    expect(canvas.title).toBe('');
  });
  it('is fitted by a double click on the ground, not on a version', () => {
    view.set(...lab(1, 1));
    const canvas = host.querySelector('canvas')!, v = view as any;
    const click = (x: number, y: number) => {
      const e = new MouseEvent('dblclick');
      Object.defineProperties(e, { offsetX: { value: x }, offsetY: { value: y } });
      canvas.dispatchEvent(e);
    };
    const fitted = v.left;
    view.pan(7, 0);
    click(v.left + v.layout.x[0] * v.scale, v.top + v.layout.y[0] * v.scale);
    expect(v.left).toBe(fitted + 7);
    click(1, 1);
    expect(v.left).toBe(fitted);
  });
  it('writes what an edge is left of the arrow head', () => {
    const nodes: GraphNode[] = ['d', 't'].map(id => ({ id, kind: 'data', name: id })), edges = [{ source: 'd', target: 't', type: 'trained_on' }];
    const layout = layered(nodes, edges);
    const svg = graphSvg({ nodes, edges, layout, scale: 1, left: 0, top: 0, width: 10, height: 10, selected: 1, hover: -1, up: new Set(), down: new Set(), found: null, colours: palette(host) });
    const words = [...new DOMParser().parseFromString(svg, 'image/svg+xml').querySelectorAll('text')];
    const x = (text: string) => Number(words.find(w => w.textContent === text)!.getAttribute('x'));
    expect(x('trained on')).toBeGreaterThan(x('d'));
    expect(x('t') - x('trained on')).toBeGreaterThan(30); // half of its 60 px: it ends before the card
  });

  it('is written as an SVG with every name, and none of them breaks out', () => {
    const [nodes, edges] = lab(1, 2);
    nodes[1].name = '<script>&"';
    const layout = layered(nodes, edges);
    const svg = graphSvg({ nodes, edges, layout, scale: 0.2, left: 0, top: 0, width: 10, height: 10, selected: -1, hover: -1, up: new Set(), down: new Set(), found: null, colours: palette(host) });
    const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml');
    expect(parsed.querySelector('parsererror')).toBeNull();
    expect(parsed.querySelector('script')).toBeNull();
    const words = [...parsed.querySelectorAll('text')].map(t => t.textContent);
    expect(words).toEqual(expect.arrayContaining(['<script>&"', 'net', 'live 0-1']));
    expect(parsed.querySelectorAll('path').length).toBeGreaterThan(nodes.length);
  });
});
