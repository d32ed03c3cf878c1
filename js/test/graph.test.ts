import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { clustered } from '../src/drawing/clusters';
import { GraphView } from '../src/drawing/graph';
import { graphSvg } from '../src/drawing/graphExport';
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
