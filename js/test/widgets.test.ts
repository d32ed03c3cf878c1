import { beforeEach, describe, expect, it } from 'vitest';
import browser from '../src/widgets/browser';
import curves from '../src/widgets/curves';
import driftplot from '../src/widgets/driftplot';
import heatmap from '../src/widgets/heatmap';
import lineage from '../src/widgets/lineage';
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
  heatmap: () => ({ names: ['a', 'b', 'c'], measures: { mean: [[0, 3, 1], [3, 0, 2], [1, 2, 0]], energy: [[0, 1, 5], [1, 0, 6], [5, 6, 0]] }, errors: {}, measure: 'mean', pictures: { a: [bytes()] }, selected: [] }),
  browser: () => ({ count: 1000, thumb_px: 128, height: 420, classes: ['car'], selected: [], title: 'road' }),
  driftplot: () => ({ title: 'x', centres: [[0, 0]], radii: [1], train_xy: [[0, 0]], test_xy: [[0.5, 0], [5, 5]], verdicts: { paper: { drifted: false, p_value: 0.4 }, calibrated: { drifted: true, text: 'far' } }, distances: [0.5, 7], radius: 1, worst: [bytes()] }),
  curves: () => ({ runs: { first: { loss: [[0, 2], [1, 1]] } } })
};
const widgets: Record<string, any> = { lineage, heatmap, browser, driftplot, curves };

let el: HTMLElement;
beforeEach(() => {
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
    const press = (text: string) => [...el.querySelectorAll('button')].find(b => b.textContent === text)!.click();
    press('Metadata');
    expect(root.dataset.nodes).toBe('3');
    model.set('selected', 'd');
    press('Only its lineage');
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
  const values = () => [...el.querySelectorAll('.veml-cell text:first-of-type')].map(t => t.textContent);
  it('switches the measure and tells Python', () => {
    const { model } = draw('heatmap');
    expect(values()[1]).toBe('3');
    [...el.querySelectorAll('button')].find(b => b.textContent === 'energy')!.click();
    expect(values()[1]).toBe('1');
    expect(model.get('measure')).toBe('energy');
  });
  it('shows the two core sets of a clicked cell', () => {
    const { model } = draw('heatmap');
    el.querySelectorAll('.veml-cell')[1].dispatchEvent(new MouseEvent('click'));
    expect(model.get('selected')).toEqual(['a', 'b']);
    expect(el.querySelectorAll('.veml-faces img')).toHaveLength(1);
    expect(el.querySelector('.veml-faces')!.textContent).toContain('no pictures');
  });
  it('says what is wrong with a matrix of another size', () => {
    const { model } = draw('heatmap');
    model.set('measures', { mean: [[0, 1], [1, 0]] });
    expect(el.querySelector('[role=alert]')!.textContent).toContain('2 rows for 3 names');
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
  it('says both verdicts, counts what is outside, and redraws once for many traits', async () => {
    const { model } = draw('driftplot');
    const said = [...el.querySelectorAll('.veml-verdict')].map(v => v.textContent);
    expect(said[0]).toContain('No drift');
    expect(said[0]).toContain('p value 0.400');
    expect(said[1]).toContain('Drifted – far');
    expect(el.textContent).toContain('1 of 2 beyond the radius');
    model.set('distances', [0.1, 0.2]);
    model.set('title', 'calm');
    await soon();
    expect(el.textContent).toContain('0 of 2 beyond the radius');
    expect(el.textContent).toContain('calm');
  });
});

describe('training curves', () => {
  it('follow the trait and hide a run on demand', () => {
    const { model } = draw('curves');
    expect(el.querySelectorAll('polyline')).toHaveLength(1);
    model.set('runs', { first: { loss: [[0, 2]], accuracy: [[0, 0.1]] }, second: { loss: [[0, 1], [1, NaN]] } });
    expect(el.querySelectorAll('polyline')).toHaveLength(3);
    [...el.querySelectorAll('button')].find(b => b.textContent === 'second')!.click();
    expect(el.querySelectorAll('polyline')).toHaveLength(2);
    model.set('runs', {});
    expect(el.textContent).toContain('No training has reported yet');
  });
});
