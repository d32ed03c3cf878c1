import { beforeEach, describe, expect, it } from 'vitest';
import browser from '../src/widgets/browser';
import chart from '../src/widgets/chart';
import compare from '../src/widgets/compare';
import confusion from '../src/widgets/confusion';
import curves from '../src/widgets/curves';
import driftplot from '../src/widgets/driftplot';
import embedding from '../src/widgets/embedding';
import heatmap from '../src/widgets/heatmap';
import jobs from '../src/widgets/jobs';
import lineage from '../src/widgets/lineage';
import pages, { place } from '../src/widgets/pages';
import runs, { compareCells } from '../src/widgets/runs';
import { csv } from '../src/drawing/chart';
import { FakeModel, soon } from './fakes';
import { drawn, observing } from './setup';

const bytes = () => new DataView(new Uint8Array([255, 216]).buffer);
const NODES = [
  { id: 'd', kind: 'data', name: 'mnist', detail: { samples: 1200 } },
  { id: 'm', kind: 'model', name: 'cnn' },
  { id: 't', kind: 'training', name: 'first run' },
  { id: 'b', kind: 'metadata', name: 'backbone' }
];
const EDGES = [{ source: 'd', target: 't', type: 'trained_on' }, { source: 'm', target: 't', type: 'instance_of' }, { source: 'b', target: 'm', type: 'has_backbone' }];
const states: Record<string, () => any> = {
  lineage: () => ({ nodes: NODES, edges: EDGES, selected: '', height: 420 }),
  heatmap: () => ({ target: '', lines: {}, transfer: '', offers: false, names: ['a', 'b', 'c'], event: {}, charts: { mean: cells(['b', 'a', 'c']), energy: cells(['a', 'b', 'c']) }, measures: { mean: [[0, 3, 1], [3, 0, 2], [1, 2, 0]], energy: [[0, 1, 5], [1, 0, 6], [5, 6, 0]] }, errors: {}, measure: 'mean', pictures: { a: [bytes()] }, selected: [] }),
  browser: () => ({ count: 1000, thumb_px: 128, height: 420, classes: ['car'], selected: [], title: 'road', layers: [], compare: [], filters: { class: ['car', 'bus'] }, orders: ['size'], saves: ['data version', 'bad cases'] }),
  driftplot: () => ({ told: [], look: 0, level: null, title: 'x', event: {}, charts: { balls: spec(['test']), distances: spec(['within']) }, verdicts: { paper: { drifted: false, p_value: 0.4 }, calibrated: { drifted: true, text: 'far' } }, radius: 1, worst: [bytes()] }),
  chart: () => ({ title: 'own', event: {}, charts: { classes: { data: [{ type: 'bar', x: ['car', 'bus'], y: [3, 1], customdata: ['c', 'b'] }], layout: { meta: { says: 'Two bars' } } } } }),
  curves: () => ({ system: ['rss_mb'], event: {}, names: ['first'], points: 2, coarse: false, axes: ['step'], grouped: false, charts: { loss: spec(['first']) } }),
  compare: () => ({ names: ['a', 'b'], kind: 'data', title: 'x', opens: true, event: {}, sections: { size: { samples: [10, 12], role: ['train', 'train'] } }, charts: { classes: both([3, 1], [4, 1]), same: both([1], [1]) } }),
  confusion: () => ({ total: 20, right: 17, left_out: 0, title: '', selected: [], event: {}, about: { version: 'v' }, tables: {}, opens: true, charts: { counts: pairs(), 'share of the class': pairs(), 'kinds of error': spec(['errors']) } }),
  embedding: () => ({ xy: new DataView(new Float32Array([0, 0, 0.5, 0.5, -0.5, 0.2]).buffer), groups: new DataView(new Uint8Array([0, 1, 1]).buffer), names: ['cat', 'dog'], selected: bytes(), pictures: true, saves: true, title: '', height: 300 }),
  jobs: () => ({ controls: true, jobs: [{ key: 'k', name: 'run', state: 'running', epoch: 1, epochs: 4, step: 0, steps: null, message: '' }, { key: 'l', name: 'old', state: 'stopped' }, { key: 'm', name: 'done', state: 'done' }] }),
  pages: () => ({ parts: { overview: 'Overview', data: 'Data' }, part: 'overview', item: '', title: 'lab', subtitle: '', visits: 0, shown: null }),
  runs: () => ({ event: {}, charts: { runs: axes(ROWS) }, rows: ROWS, metric: 'accuracy', lower_is_better: false, selected: [], title: 'Runs' })
};
const line = (run: string, x = [0, 1], y = [2, 1]) => ({ type: 'scatter', mode: 'lines', name: run, meta: { run, role: 'line' }, x, y, line: { color: '#0072B2', dash: 'dash' } });
const spec = (runs: string[]) => ({ data: runs.map(r => line(r)), layout: { meta: { says: 'curves', span: [0, 1] }, xaxis: { title: { text: 'step' } }, yaxis: {} } });
const cells = (order: string[]) => ({ data: [{ type: 'heatmap', x: order, y: order, z: order.map(() => [1, 2, 3]), customdata: order.map(a => order.map(b => [a, b])) }], layout: {} });
const axes = (rows: any[]) => ({ data: [{ type: 'parcoords', customdata: rows.map(r => r.name), dimensions: [{ label: 'lr', values: rows.map(r => r.lr) }], line: { color: rows.map(() => 1) } }], layout: { title: { text: 'Runs' } } });
const both = (a: number[], b: number[]) => ({ data: [a, b].map((x, i) => ({ type: 'bar', orientation: 'h', x, y: x.map(String), customdata: x.map(v => ({ version: 'ab'[i], where: { speed: { from: v, to: v + 1, open: true } } })) })), layout: {} });
const pairs = () => ({ data: [{ type: 'heatmap', x: ['cat', 'dog'], y: ['cat', 'dog'], z: [[1, -0.2], [-0.1, 1]], customdata: ['cat', 'dog'].map(a => ['cat', 'dog'].map(b => ({ version: 'v', where: { confused: [a, b] } }))) }], layout: {} });
const ROWS = [{ name: 'a', lr: 0.1, method: 'full', accuracy: 0.7 }, { name: 'b', lr: 0.01, method: 'active', accuracy: 0.9 }, { name: 'c', lr: 0.2, method: 'full', accuracy: null }];
const widgets: Record<string, any> = { chart, lineage, heatmap, browser, driftplot, curves, compare, confusion, embedding, jobs, pages, runs };

/** What Plotly was asked to draw; drawing itself is looked at in a real browser (tests/ui). */
const plotted: { host: HTMLElement; data: any; layout: any }[] = [];
let heard: Record<string, (said: any) => void> = {};
const recorder = {
  react: async (host: any, data: any, layout: any) => {
    plotted.push({ host, data, layout });
    host.on = (event: string, f: any) => { heard[event] = f; };
    return host;
  },
  relayout: async () => undefined, purge: () => undefined, toImage: async () => 'data:,', Plots: { resize: () => undefined }, Fx: { hover: () => undefined, unhover: () => undefined }
};

let el: HTMLElement;
beforeEach(() => {
  (globalThis as any)[Symbol.for('veml-lab:plotly')] = { library: Promise.resolve(recorder) };
  plotted.length = 0;
  heard = {};
  document.body.replaceChildren((el = document.createElement('div')));
  drawn.length = 0;
});

function draw(name: string) {
  const model = new FakeModel(states[name]());
  return { model, clean: widgets[name].render({ model, el }) as () => void };
}

describe.each(Object.keys(widgets))('%s', name => {
  it('lets go of model, observers and page when it is taken away', async () => {
    const before = observing.size;
    const { model, clean } = draw(name);
    await soon();
    expect(model.listening).toBeGreaterThan(0);
    expect(el.childElementCount).toBe(1);
    clean();
    await soon();
    expect(model.listening).toBe(0);
    expect(observing.size).toBe(before);
    expect(el.childElementCount).toBe(0);
  });
  it('names itself to a screen reader', () => {
    draw(name);
    expect(el.querySelector('section')!.getAttribute('aria-label')).toBeTruthy();
  });
});

describe('lineage graph', () => {
  it('draws every name and follows selection both ways', async () => {
    const { model } = draw('lineage');
    await soon();
    expect(drawn).toEqual(expect.arrayContaining(['mnist', 'cnn', 'first run', 'backbone']));
    model.set('selected', 't');
    expect(el.querySelector('.veml-card')!.textContent).toContain('first run');
    expect(el.querySelector('.veml-card')!.textContent).toContain('trained on');
    el.querySelector('canvas')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft' }));
    expect(['d', 'm']).toContain(model.get('selected'));
    expect(model.saves).toBe(1);
  });
  it('hides metadata on demand and focuses on one lineage', async () => {
    const { model } = draw('lineage');
    const root = el.querySelector<HTMLElement>('.veml-graph')!;
    const show = (what: string) => {
      const select = el.querySelector<HTMLSelectElement>('select[aria-label=Show]')!;
      select.value = what;
      select.dispatchEvent(new Event('change'));
    };
    const press = (text: string) => [...el.querySelectorAll('button')].find(b => b.textContent === text)!.click();
    press('Metadata');
    expect(root.dataset.nodes).toBe('3');
    model.set('selected', 'd');
    show('lineage');
    expect(root.dataset.nodes).toBe('2');
  });
  it('draws new versions when the trait changes', async () => {
    const { model } = draw('lineage');
    model.set('nodes', [...NODES, { id: 'n', kind: 'data', name: 'night' }]);
    await soon();
    expect(drawn).toContain('night');
  });
});

describe('heat map', () => {
  it('switches the measure and tells Python', async () => {
    const { model } = draw('heatmap');
    await soon();
    expect(plotted.at(-1)!.data[0].x).toEqual(['b', 'a', 'c']);
    [...el.querySelectorAll('button')].find(b => b.textContent === 'energy')!.click();
    await soon();
    expect(plotted.at(-1)!.data[0].x).toEqual(['a', 'b', 'c']);
    expect(el.querySelectorAll('.veml-chart')).toHaveLength(1);
    expect(model.get('measure')).toBe('energy');
  });
  it('shows the two core sets of a cell that is clicked or reached with the keyboard', async () => {
    const { model } = draw('heatmap');
    await soon();
    heard.plotly_click({ points: [{ curveNumber: 0, pointNumber: [1, 0], customdata: ['a', 'b'] }] });
    expect(model.get('selected')).toEqual(['a', 'b']);
    expect((model.get('event') as any).points).toEqual([3]); // row * columns + column
    expect(el.querySelectorAll('.veml-faces img')).toHaveLength(1);
    expect(el.querySelector('.veml-faces')!.textContent).toContain('no pictures');
    for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) el.querySelector('.veml-plot')!.dispatchEvent(new KeyboardEvent('keydown', { key }));
    expect(model.get('selected')).toEqual(['b', 'a']);
  });
  it('ranks the donors of a target by the measure, and offers the line that transfers', () => {
    const { model } = draw('heatmap');
    model.set('lines', { a: { data: "lab['a']", training: "lab['run {target}']", said: 'run (accuracy 0.9)' }, b: { data: "lab['b']", training: null, said: null } });
    model.set('transfer', 'veml.train(veml.transfer({donor}, to={target}))');
    model.set('target', 'b');
    const ranked = () => [...el.querySelectorAll<HTMLElement>('[data-donor]')].map(r => r.dataset.donor);
    expect(ranked()).toEqual(['c', 'a']);
    expect(el.textContent).toContain('no lifecycle yet');
    const line = "veml.train(veml.transfer(lab['run {target}'], to=lab['b']))";
    expect(el.querySelector('code')!.textContent).toBe(line);
    expect(el.querySelectorAll('.veml-donors button')).toHaveLength(0); // a dashboard shows it only
    model.set('offers', true);
    const button = el.querySelector<HTMLButtonElement>('.veml-donors button')!;
    button.click();
    expect(el.querySelector('.veml-donors')!.textContent).toContain('copy it');
    const taken: string[] = [];
    const take = (e: Event) => { taken.push((e as CustomEvent).detail.code); e.preventDefault(); };
    document.addEventListener('veml-line', take);
    button.click();
    document.removeEventListener('veml-line', take);
    expect(taken).toEqual([line]);
    expect(el.querySelector('.veml-donors')!.textContent).toContain('stands in a cell');
    model.set('measure', 'energy');
    expect(ranked()).toEqual(['a', 'c']);
  });
});

describe('image wall', () => {
  it('asks for what is in the window in one batch and once', async () => {
    const { model } = draw('browser');
    await soon(60);
    expect(model.sent).toHaveLength(1);
    const { positions, request } = model.sent[0];
    expect(positions.length).toBeGreaterThan(10);
    expect(positions.length).toBeLessThan(60);
    model.emit('msg:custom', { type: 'samples', request, positions, annotations: positions.map(() => ({ label: 'truck', boxes: [] })) }, positions.map(bytes));
    await soon(120);
    expect(model.sent).toHaveLength(1);
    expect(el.querySelector<HTMLElement>('.veml-browser')!.dataset.loaded).toBe(String(positions.length));
    expect(el.textContent).toContain('truck');
  });
  it('shows an error of the kernel and asks again', async () => {
    const { model } = draw('browser');
    await soon(60);
    model.emit('msg:custom', { type: 'error', request: model.sent[0].request, message: 'BadData: torn' }, []);
    expect(el.querySelector('[role=alert]')!.textContent).toBe('BadData: torn');
    el.querySelector('.veml-wall')!.dispatchEvent(new Event('scroll'));
    await soon(120);
    expect(model.sent).toHaveLength(2);
  });
  it('chooses with the keyboard', async () => {
    const { model } = draw('browser');
    await soon(40);
    const key = (k: string) => el.querySelector('canvas')!.dispatchEvent(new KeyboardEvent('keydown', { key: k }));
    key('ArrowRight');
    key('ArrowRight');
    key(' ');
    expect(model.get('selected')).toEqual([1]);
    key('Enter');
    expect(model.sent.at(-1)).toMatchObject({ type: 'one', position: 1 });
  });
});

describe('drift plot', () => {
  it('says both verdicts, draws its figures, and redraws once for many traits', async () => {
    const { model } = draw('driftplot');
    await soon();
    const said = [...el.querySelectorAll('.veml-verdict')].map(v => v.textContent);
    expect(said[0]).toContain('No drift');
    expect(said[0]).toContain('p value 0.400');
    expect(said[1]).toContain('Drifted – far');
    expect([...el.querySelectorAll('h4')].map(t => t.textContent).slice(0, 2)).toEqual(['Covering balls of train and the test points (projected)', 'Distance to the nearest centre']);
    const before = plotted.length;
    model.set('charts', { balls: spec(['test', 'train']) } as any);
    model.set('title', 'calm');
    await soon(60);
    expect(plotted.length).toBe(before + 1);
    expect(el.querySelectorAll('.veml-chart')).toHaveLength(1);
    expect(el.textContent).toContain('calm');
  });
});

describe('drift plot of a stream', () => {
  it('shows one look at a time, both readings of all, and the level spent', async () => {
    const { model } = draw('driftplot');
    const one = (test: string, drifted: boolean, level: number, spent: number) => ({ title: '', worst: [], test, level, spent, p_value: 0.2, verdicts: { paper: { drifted: false }, calibrated: { drifted, text: `said of ${test}` } } });
    model.set('level', 0.05);
    model.set('charts', { looks: spec(['p']), 'balls 0': spec(['a']), 'balls 1': spec(['b']) } as any);
    model.set('told', [one('monday', false, 0.03, 0.03), one('tuesday', true, 0.008, 0.038)] as any);
    await soon(60);
    const stream = el.querySelector('.veml-looks')!;
    const charts = () => [...el.querySelectorAll<HTMLElement>('.veml-chart')].map(c => c.dataset.chart);
    expect(stream.textContent).toContain('Look 1 of 2: monday');
    expect(stream.textContent).toContain('level spent so far 0.0300 of 0.0500 for the whole stream');
    expect(el.querySelectorAll('.veml-verdict')[1].textContent).toContain('said of monday');
    expect(stream.querySelectorAll('circle')).toHaveLength(3);
    expect(charts()).toEqual(['balls 0', 'looks']);
    const range = stream.querySelector('input')!;
    range.value = '1';
    range.dispatchEvent(new Event('input'));
    expect(model.get('look')).toBe(1);
    expect(charts()).toEqual(['balls 1', 'looks']);
    expect(stream.textContent).toContain('spent so far 0.0380');
    expect(el.querySelectorAll('.veml-verdict')[1].textContent).toContain('Drifted – said of tuesday');
    expect(stream.querySelector('input')).toBe(range); // the same element: it keeps its focus
    model.set('told', [one('monday', false, 0.03, 0.03)] as any);
    await soon(60);
    expect(stream.textContent).toContain('Look 1 of 1');
  });
});

describe('training curves', () => {
  const traces = (n = 0) => plotted[plotted.length - 1 - n].data.filter((t: any) => t.visible !== false).length;
  it('follow the trait and hide a run on demand', async () => {
    const { model } = draw('curves');
    await soon();
    expect([plotted.length, traces()]).toEqual([1, 1]);
    model.set('charts', { loss: spec(['first', 'second']), accuracy: spec(['first']) } as any);
    await soon(60);
    expect([...el.querySelectorAll<HTMLElement>('.veml-chart')].map(c => [c.dataset.chart, c.dataset.traces])).toEqual([['loss', '2'], ['accuracy', '1']]);
    [...el.querySelectorAll('button')].find(b => b.textContent === 'second')!.click();
    await soon();
    expect(el.querySelector<HTMLElement>('.veml-chart')!.dataset.traces).toBe('1');
    model.set('charts', {});
    await soon(60);
    expect(el.querySelector<HTMLElement>('.veml-empty')!.hidden).toBe(false);
    expect(el.querySelectorAll('.veml-chart')).toHaveLength(0);
  });
  it('ask the kernel for a part of a long run, and for another reading', async () => {
    states.curves = (old => () => ({ ...old(), coarse: true, points: 9000, grouped: true, axes: ['step', 'epoch'] }))(states.curves);
    const { model } = draw('curves');
    await soon();
    expect(el.textContent).toContain('9,000 points, drawn by their extremes');
    heard.plotly_relayout({ 'xaxis.range[0]': 10, 'xaxis.range[1]': 20 });
    expect(model.sent.at(-1)).toMatchObject({ type: 'charts', x: 'step', smooth: 1, bands: false, from: 10, to: 20 });
    model.emit('msg:custom', { type: 'charts', request: model.sent.at(-1).request, charts: { loss: { ...spec(['first']), data: [line('first', [10, 15, 20], [1, 9, 1])] } } });
    await soon();
    expect(plotted.at(-1)!.data[0].y).toEqual([1, 9, 1]);
    expect(plotted.at(-1)!.layout.xaxis.range).toEqual([10, 20]);
    expect(el.querySelector<HTMLElement>('.veml-curves')!.dataset.finer).toBe('true');
    const pick = (label: string, value: string) => {
      const select = el.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`)!;
      select.value = value;
      select.dispatchEvent(new Event('change'));
    };
    pick('Smoothing', '20');
    expect(model.sent.at(-1)).toMatchObject({ smooth: 20, from: 10, to: 20 });
    pick('Axis', 'epoch');
    expect(model.sent.at(-1)).toMatchObject({ smooth: 20, x: 'epoch' });
    expect(model.sent.at(-1).from).toBeUndefined(); // another axis: all of it
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Bands')!.click();
    expect(model.sent.at(-1)).toMatchObject({ bands: true });
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Log')!.click();
    await soon();
    expect(plotted.at(-1)!.layout.yaxis.type).toBe('log');
    const asked = model.sent.length;
    model.emit('msg:custom', { type: 'error', request: model.sent.at(-1).request, message: 'gone' });
    expect(el.querySelector('[role=status]')!.textContent).toContain('gone');
    model.emit('msg:custom', { type: 'charts', request: 1, charts: {} }); // an older answer
    expect(el.querySelectorAll('.veml-chart')).toHaveLength(1);
    expect(model.sent.length).toBe(asked);
  });
});

describe('figures of the machine', () => {
  it('come after the metrics, folded, and are drawn once they are opened', async () => {
    const { model } = draw('curves');
    model.set('charts', { rss_mb: spec(['first']), mAP: spec(['first']) } as any);
    await soon(60);
    const titles = () => [...el.querySelectorAll('h4')].map(t => t.textContent);
    const folded = el.querySelector('details')!;
    expect(titles()).toEqual(['mAP']);
    expect([folded.hidden, folded.open, folded.textContent]).toEqual([false, false, 'Figures of the machine: rss_mb']);
    folded.open = true;
    folded.dispatchEvent(new Event('toggle'));
    expect(titles()).toEqual(['mAP', 'rss_mb']);
    model.set('charts', { rss_mb: spec(['first']), mAP: spec(['first', 'second']) } as any); // a run that goes on leaves them open
    await soon(60);
    expect(titles()).toEqual(['mAP', 'rss_mb']);
    model.set('charts', { mAP: spec(['first']) } as any);
    await soon(60);
    expect(el.querySelector('details')!.hidden).toBe(true);
  });
});

describe('a chart', () => {
  const keys = (...pressed: string[]) => pressed.forEach(key => el.querySelector('.veml-plot')!.dispatchEvent(new KeyboardEvent('keydown', { key })));
  it('tells what was clicked and selected, as a trait and to the page', async () => {
    const { model } = draw('chart');
    await soon();
    const told: any[] = [];
    el.addEventListener('veml-chart', e => told.push((e as CustomEvent).detail));
    heard.plotly_click({ points: [{ curveNumber: 0, pointNumber: 1, customdata: 'b' }] });
    expect(model.get('event')).toMatchObject({ event: 'click', chart: 'classes', trace: 0, points: [1], customdata: ['b'] });
    const first = (model.get('event') as any).count;
    heard.plotly_click({ points: [{ curveNumber: 0, pointNumber: 1, customdata: 'b' }] });
    expect((model.get('event') as any).count).toBe(first + 1); // the same click twice is two
    heard.plotly_selected({ points: [{ curveNumber: 0, pointNumber: 0 }, { curveNumber: 0, pointNumber: 1 }] });
    expect(model.get('event')).toMatchObject({ event: 'select', points: [0, 1], customdata: [] });
    heard.plotly_selected(undefined); // the selection was cleared
    expect(told.map(e => e.event)).toEqual(['click', 'click', 'select']);
    expect(model.saves).toBe(3);
  });
  it('is read and clicked with the keyboard', async () => {
    const { model } = draw('chart');
    await soon();
    const plot = el.querySelector('.veml-plot')!;
    expect([plot.getAttribute('tabindex'), plot.getAttribute('aria-label')]).toEqual(['0', 'Two bars']);
    keys('ArrowRight', 'ArrowRight', 'ArrowRight');
    expect(el.querySelector('[aria-live=polite]')!.textContent).toBe('bus: 1');
    keys('Enter');
    expect(model.get('event')).toMatchObject({ event: 'click', trace: 0, points: [1], customdata: ['b'] });
  });
  it('gives its numbers as lines that a spreadsheet does not run', () => {
    const evil = csv({ data: [{ type: 'bar', name: '=1+1', x: ['a,"b"', '&lt;i&gt;'], y: [-1, 2] }], layout: {} });
    expect(evil).toBe('trace,x,y,value\r\n\'=1+1,"a,""b""",-1,\r\n\'=1+1,<i>,2,\r\n');
    const packed = { dtype: 'f8', bdata: btoa(String.fromCharCode(...new Uint8Array(new Float64Array([1, 2]).buffer))) };
    expect(csv({ data: [{ type: 'heatmap', name: 'm', x: ['p', 'q'], y: ['r'], z: { ...packed, shape: '1, 2' } }], layout: {} })).toBe('trace,x,y,value\r\nm,p,r,1\r\nm,q,r,2\r\n');
  });
  it('says so where the library cannot be had', async () => {
    (globalThis as any)[Symbol.for('veml-lab:plotly')] = {};
    const { model } = draw('chart');
    await soon();
    const { type, request } = model.sent[0];
    expect(type).toBe('plotly');
    model.emit('msg:custom', { type: 'error', request, message: 'a published folder only shows' });
    await soon();
    expect(el.querySelector('[role=alert]')!.textContent).toContain('a published folder only shows');
  });
});

describe('image wall, found and kept', () => {
  const wall = () => draw('browser');
  const pick = (label: string, value: string) => {
    const select = el.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`)!;
    select.value = value;
    select.dispatchEvent(new Event('change'));
  };
  it('asks which samples pass a filter, shows those, and asks for their pictures only', async () => {
    const { model } = wall();
    await soon(60);
    pick('Filter by class', 'bus');
    const asked = model.sent.at(-1);
    expect(asked).toMatchObject({ type: 'find', where: { class: 'bus' }, by: '' });
    model.emit('msg:custom', { type: 'found', request: asked.request, count: 2 }, [new DataView(new Uint32Array([700, 30]).buffer)]);
    await soon(120);
    expect(el.querySelector<HTMLElement>('.veml-browser')!.dataset.count).toBe('2');
    expect(el.textContent).toContain('2 of 1,000 samples');
    expect(model.sent.at(-1)).toMatchObject({ type: 'get', positions: [700, 30] });
    pick('Filter by class', '');
    expect(el.querySelector<HTMLElement>('.veml-browser')!.dataset.count).toBe('1000');
  });
  it('does not show what an older question found', async () => {
    const { model } = wall();
    pick('Filter by class', 'bus');
    const old = model.sent.at(-1).request;
    pick('Filter by class', 'car');
    model.emit('msg:custom', { type: 'found', request: old, count: 1 }, [new DataView(new Uint32Array([5]).buffer)]);
    expect(el.querySelector<HTMLElement>('.veml-browser')!.dataset.count).toBe('1000');
  });
  it('keeps a choice under a name as one of what the kernel offers', () => {
    const { model } = wall();
    model.set('selected', [3, 4]);
    el.querySelector<HTMLInputElement>('input[type=text]')!.value = 'mine';
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Keep as bad cases')!.click();
    expect(model.sent.at(-1)).toMatchObject({ type: 'save', what: 'bad cases', name: 'mine', positions: [3, 4] });
    model.emit('msg:custom', { type: 'saved', message: "'mine': 2 samples" }, []);
    expect(el.querySelector('[role=status]')!.textContent).toBe("'mine': 2 samples Undo");
  });
  it('offers two layers side by side when there are two', async () => {
    const { model } = draw('browser');
    await soon(60);
    const { positions, request } = model.sent[0];
    const note = { label: null, boxes: [], prediction: { label: null, score: 0.5, boxes: [[0, 0, 1, 1, 'car']] } };
    model.emit('msg:custom', { type: 'samples', request, positions, annotations: positions.map(() => note) }, positions.map(bytes));
    await soon(60);
    const before = model.sent.length;
    pick('Compare side by side', 'annotations\nprediction');
    await soon(120);
    expect(model.sent.length).toBe(before); // the pictures are there already
  });
});

describe('table of runs', () => {
  const names = () => [...el.querySelectorAll('tbody tr')].map(r => (r as HTMLElement).dataset.run);
  it('begins with the best, sorts by any field, and keeps runs without a value last', () => {
    draw('runs');
    expect(names()).toEqual(['b', 'a', 'c']);
    const lr = () => [...el.querySelectorAll<HTMLElement>('.veml-sort')].find(b => b.textContent!.startsWith('lr'))!;
    lr().click();
    expect(names()).toEqual(['c', 'a', 'b']);
    lr().click();
    expect(names()).toEqual(['b', 'a', 'c']);
  });
  it('filters by words, and tells Python what is chosen', () => {
    const { model } = draw('runs');
    const search = el.querySelector<HTMLInputElement>('input[type=search]')!;
    search.value = 'full';
    search.dispatchEvent(new Event('input'));
    expect(names()).toEqual(['a', 'c']);
    el.querySelector<HTMLInputElement>("[aria-label='Choose a']")!.click();
    expect(model.get('selected')).toEqual(['a']);
  });
  it('keeps the runs that pass the ranges drawn along the axes', async () => {
    draw('runs');
    await soon();
    expect(plotted.at(-1)!.layout.title).toBeUndefined(); // it stands in the bar
    Object.assign(plotted.at(-1)!.host, { data: [{ dimensions: [{ constraintrange: [0.05, 0.15] }] }] });
    heard.plotly_restyle(undefined);
    expect(names()).toEqual(['a']);
    expect(el.textContent).toContain('1 of 3 runs');
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Clear ranges')!.click();
    expect(names()).toEqual(['b', 'a', 'c']);
    expect([3, null, 1, 2].sort(compareCells)).toEqual([1, 2, 3, null]);
  });
});

describe('jobs', () => {
  it('stop and resume, and show what the kernel answers', () => {
    const { model } = draw('jobs');
    el.querySelector<HTMLElement>("[aria-label='Stop run']")!.click();
    expect(model.sent.at(-1)).toMatchObject({ type: 'stop', key: 'k' });
    expect(el.querySelectorAll('.veml-job button')).toHaveLength(2); // nothing to do about a job that is done
    model.emit('msg:custom', { type: 'jobs', message: 'it will stop', jobs: [{ key: 'k', name: 'run', state: 'stopped' }] });
    expect(el.querySelector("[aria-label='Resume run']")).toBeTruthy();
    expect(el.textContent).toContain('it will stop');
    model.emit('msg:custom', { type: 'error', message: 'no such job' });
    expect(el.querySelector('[role=alert]')!.textContent).toBe('no such job');
  });
  it('have no buttons where they can only be watched', () => {
    states.jobs = (old => () => ({ ...old(), controls: false }))(states.jobs);
    draw('jobs');
    expect(el.querySelectorAll('.veml-job button')).toHaveLength(0);
  });
});

describe('comparison', () => {
  it('marks what differs and shows only that on demand', () => {
    draw('compare');
    expect([...el.querySelectorAll<HTMLElement>('tr[data-differs=true]')].map(r => r.dataset.field)).toEqual(['samples']);
    expect(el.textContent).toContain('(+2)');
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Only differences')!.click();
    expect(el.querySelectorAll('tr[data-field]')).toHaveLength(1);
    expect([...el.querySelectorAll<HTMLElement>('.veml-chart')].map(c => c.dataset.chart)).toEqual(['classes']);
  });
  it('opens the samples of a bar, and of the range that was drawn over several', async () => {
    const { model } = draw('compare');
    await soon();
    const custom = states.compare().charts.classes.data[1].customdata;
    heard.plotly_click({ points: [{ curveNumber: 1, pointNumber: 0, customdata: custom[0] }] });
    expect(model.sent.at(-1)).toMatchObject({ type: 'open', selection: { version: 'b', where: { speed: { from: 4, to: 5, open: true } } } });
    heard.plotly_selected({ points: [{ curveNumber: 1, pointNumber: 0, customdata: { version: 'b', where: { speed: { from: 1, to: 2, open: true } } } }, { curveNumber: 1, pointNumber: 1, customdata: { version: 'b', where: { speed: { from: 2, to: 3 } } } }] });
    expect(model.sent.at(-1)).toMatchObject({ type: 'open', selection: { where: { speed: { from: 1, to: 3 } } } });
    const asked = model.sent.length;
    model.set('opens', false);
    heard.plotly_click({ points: [{ curveNumber: 1, pointNumber: 0, customdata: custom[0] }] });
    expect(model.sent.length).toBe(asked); // a published page only shows
  });
});

describe('confusion matrix', () => {
  it('counts what is right, tells which cell was clicked, and opens its samples', async () => {
    const { model } = draw('confusion');
    await soon();
    expect(el.textContent).toContain('17 of 20 right (0.850)');
    heard.plotly_click({ points: [{ curveNumber: 0, pointNumber: [0, 1], customdata: { version: 'v', where: { confused: ['cat', 'dog'] } } }] });
    expect(model.get('selected')).toEqual(['cat', 'dog']);
    expect(model.sent.at(-1)).toMatchObject({ type: 'open', selection: { version: 'v', where: { confused: ['cat', 'dog'] } } });
  });
  it('switches between counts and shares, and is read with the keyboard', async () => {
    const { model } = draw('confusion');
    await soon();
    const charts = () => [...el.querySelectorAll<HTMLElement>('.veml-chart')].map(c => c.dataset.chart);
    expect(charts()).toEqual(['counts', 'kinds of error']);
    [...el.querySelectorAll('button')].find(b => b.textContent === 'share of the class')!.click();
    expect(charts()).toEqual(['share of the class', 'kinds of error']);
    await soon();
    const matrix = el.querySelector('.veml-plot')!;
    for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) matrix.dispatchEvent(new KeyboardEvent('keydown', { key }));
    expect(model.get('selected')).toEqual(['cat', 'dog']);
  });
});

describe('embedding map', () => {
  it('without WebGL still chooses a group by its name and keeps it', async () => {
    const { model } = draw('embedding');
    await soon(40);
    expect(el.querySelector<HTMLElement>('.veml-embedding')!.dataset.plain).toBe('1');
    [...el.querySelectorAll<HTMLElement>('.veml-groupnames button')].find(b => b.textContent!.includes('dog'))!.click();
    const chosen = model.get('selected') as DataView;
    expect([...new Uint32Array(chosen.buffer)]).toEqual([1, 2]);
    el.querySelector<HTMLInputElement>('input[type=text]')!.value = 'dogs';
    [...el.querySelectorAll('button')].find(b => b.textContent === 'Keep as data version')!.click();
    expect(model.sent.at(-1)).toMatchObject({ type: 'save', name: 'dogs', indices: [1, 2] });
  });
});

describe('pages', () => {
  it('follow the address, and a broken one gives the first part', async () => {
    expect(place('#data/my%20set', ['overview', 'data'])).toEqual(['data', 'my set']);
    expect(place('#gone', ['overview'])).toEqual(['overview', '']);
    expect(place('#data/%E0', ['data'])).toEqual(['data', '%E0']);
    const { model } = draw('pages');
    expect(model.get('visits')).toBe(1);
    window.location.hash = '#data/mnist';
    await soon(40);
    expect([model.get('part'), model.get('item')]).toEqual(['data', 'mnist']);
    expect(el.querySelector("[aria-current='page']")!.textContent).toBe('Data');
    window.location.hash = '';
  });
  it('say what is being loaded until the kernel shows what the address names', async () => {
    const { model } = draw('pages');
    const root = () => el.querySelector('.veml-pages')!, said = () => root().querySelector('[role=status]')!.textContent;
    expect([root().hasAttribute('data-late'), said()]).toEqual([false, '']); // a kernel that says nothing of it
    model.set('shown', 'overview/');
    window.location.hash = '#data';
    await soon(40);
    expect([root().hasAttribute('data-late'), said(), document.body.hasAttribute('data-veml-late')]).toEqual([true, 'Loading Data…', true]);
    model.set('shown', 'data/');
    expect([root().hasAttribute('data-late'), said(), document.body.hasAttribute('data-veml-late')]).toEqual([false, '', false]);
    window.location.hash = '';
    await soon(40);
  });
});
