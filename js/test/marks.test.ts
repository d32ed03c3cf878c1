import { describe, expect, it } from 'vitest';
import { dark, drawMarks, inWords, labelsOf, layer, Marks, seen } from '../src/drawing/marks';
import { only, passing } from '../src/widgets/runs';
import { PageModel, unpack } from '../src/drawing/pageModel';
import { find, slices } from '../src/site/answers';
import { fit, zoomed } from '../src/drawing/stage';
import { sizeFor } from '../src/widgets/browser';
import { soon } from './fakes';
import { drawn } from './setup';

const MARKS: Marks = {
  label: null, boxes: [[0.1, 0.2, 0.3, 0.4, 'car']], polygons: [['road', [[0, 0, 1, 0, 1, 1]]]],
  masks: [['sky', 2, 3, [1, 2, 1, 2]]], keypoints: [['person', [[0.5, 0.5, 2], [0.1, 0.1, 1], [0.9, 0.9, 0]]]]
};

/** A context that writes down what is called on it. */
function recorder() {
  const calls: [string, ...unknown[]][] = [];
  const ctx = new Proxy({} as any, { get: (_, name) => (...a: unknown[]) => void calls.push([String(name), ...a]), set: () => true });
  return { ctx, calls, of: (name: string) => calls.filter(c => c[0] === name) };
}

describe('marks', () => {
  it('lie where their relative places are in the picture', () => {
    const { ctx, of } = recorder();
    drawMarks(ctx, MARKS, { x: 10, y: 20, w: 100, h: 50 }, () => '#f00');
    const [[, x, y, w, h]] = of('strokeRect') as [string, number, number, number, number][];
    expect([x, y, w, h].map(v => Math.round(v * 1e6) / 1e6)).toEqual([20, 30, 30, 20]);
    expect(of('arc').map(c => c.slice(1, 3))).toEqual([[60, 45], [20, 25]]); // the third point is not labelled
    expect(of('lineTo').map(c => c.slice(1))).toEqual([[110, 20], [110, 70]]);
    expect(of('drawImage')).toHaveLength(1);
  });
  it('of a mask fill its runs along the rows, beyond the end of a row too', () => {
    const filled: unknown[][] = [];
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = (() => new Proxy({} as any, { get: (_, n) => (n === 'fillRect' ? (...a: unknown[]) => void filled.push(a) : () => undefined), set: () => true })) as any;
    drawMarks(recorder().ctx, { label: null, boxes: [], masks: [['x', 2, 3, [1, 4, 1]]] }, { x: 0, y: 0, w: 3, h: 2 }, () => '#123456');
    HTMLCanvasElement.prototype.getContext = real;
    expect(filled).toEqual([[1, 0, 2, 1], [0, 1, 2, 1]]);
  });
  it('are said in words with their score', () => {
    expect(inWords({ label: 'cat', score: 0.876, boxes: [] })).toBe('cat (0.88)');
    expect(inWords({ label: null, boxes: [[0, 0, 1, 1, 'a'], [0, 0, 1, 1, 'a']] })).toBe('2 × a');
  });
  it('of the layers of a sample are found by name', () => {
    const a = { ...MARKS, prediction: { label: 'p', boxes: [] }, layers: { other: { label: 'o', boxes: [] } } };
    expect([layer(a, 'annotations')!.boxes.length, layer(a, 'prediction')!.label, layer(a, 'other')!.label, layer(a, 'none')]).toEqual([1, 'p', 'o', undefined]);
  });
  it('are seen but for the hidden classes, and a model\'s from the least score', () => {
    const looks = (classes: string[], score = 0.4) => ({ classes: new Set(classes), layers: new Set<string>(), score, labels: true });
    const said: Marks = { label: null, boxes: [[0, 0, 1, 1, 'car', 0.39], [0, 0, 1, 1, 'car', 0.4], [0, 0, 1, 1, 'bus', 0.9]] };
    const scores = (m: Marks) => m.boxes.map(b => b[5]);
    expect(scores(seen(said, looks([]), true))).toEqual([0.4, 0.9]);
    expect(scores(seen(said, looks([], 0.05), true))).toEqual([0.39, 0.4, 0.9]);
    expect(scores(seen(said, looks(['car']), true))).toEqual([0.9]);
    expect(scores(seen(said, looks([]), false))).toHaveLength(3); // what is labelled has no threshold
    expect(seen({ label: 'cat', score: 0.3, boxes: [] }, looks([]), true).label).toBeNull();
    expect(seen({ label: 'cat', score: 0.3, boxes: [] }, looks([], 0.3), true).label).toBe('cat');
    expect(seen(MARKS, looks([...new Set(labelsOf(MARKS))]), false)).toMatchObject({ boxes: [], polygons: [], masks: [], keypoints: [] });
  });
  it('are named on the box where it has room, with the score of a model', () => {
    const ctx = document.createElement('canvas').getContext('2d')!;
    const m: Marks = { label: null, boxes: [[0, 0, 0.5, 0.5, 'car', 0.75], [0, 0, 0.1, 0.1, 'bus', 0.5]] };
    drawn.length = 0;
    drawMarks(ctx, m, { x: 0, y: 0, w: 200, h: 200 }, () => '#ffffff', true, true);
    expect(drawn).toEqual(['car 0.75']);
    drawMarks(ctx, m, { x: 0, y: 0, w: 200, h: 200 }, () => '#ffffff', true);
    expect(drawn).toHaveLength(1);
    expect([dark('#000000'), dark('#3b82f6'), dark('#ffffff'), dark('#eab308')]).toEqual([true, false, false, false]);
  });
});

describe('an enlarged picture', () => {
  it('lies whole in the middle, and small ones are not blown up without end', () => {
    expect(fit(200, 100, 400, 400)).toEqual({ scale: 2, x: 0, y: 100 });
    expect(fit(10, 10, 400, 400)).toEqual({ scale: 16, x: 120, y: 120 });
  });
  it('keeps the point under the mouse where it is', () => {
    const before = fit(200, 100, 400, 400), after = zoomed(before, 5, 300, 150);
    const under = (v: typeof before) => [(300 - v.x) / v.scale, (150 - v.y) / v.scale];
    expect(under(after)).toEqual(under(before));
    expect(after.scale).toBe(5);
  });
  it('is asked for at a size that its tile does not enlarge', () => {
    expect([1, 64, 65, 256, 300, 5000].map(sizeFor)).toEqual([64, 64, 128, 256, 512, 1024]);
  });
});

describe('parallel coordinates', () => {
  const dimensions = [{ label: 'lr', values: [0.1, 0.3, 0.2] }, { label: '&lt;kind&gt;', values: [0, 1, 0], tickvals: [0, 1], ticktext: ['x', 'y'] }];
  const spec = { data: [{ type: 'parcoords', customdata: ['a', 'b', 'c'], dimensions, line: { color: [1, 2, 3] } }], layout: {} };
  it('keep the runs that pass every range, by the name of its field', () => {
    expect(passing(spec, new Map())).toBeNull();
    expect([...passing(spec, new Map([['lr', [[0, 0.25]]]]))!]).toEqual(['a', 'c']);
    expect([...passing(spec, new Map([['lr', [[0, 0.15], [0.25, 1]]], ['<kind>', [[0.5, 1]]]]))!]).toEqual(['b']);
  });
  it('of some runs keep the range of all', () => {
    const [trace] = only(spec, new Set(['c'])).data;
    expect([trace.customdata, trace.line.color, trace.dimensions.map((d: any) => d.values)]).toEqual([['c'], [3], [[0.2], [0]]]);
    expect(trace.dimensions[0].range).toEqual([0.1, 0.3]);
  });
});

describe('a view outside of a notebook', () => {
  it('gets its binary parts back where they were', () => {
    const view = new DataView(new ArrayBuffer(1));
    expect(unpack({ a: { b: [null, 1] } }, [['a', 'b', 0], ['c']], [view, view])).toEqual({ a: { b: [view, 1] }, c: view });
  });
  it('is always answered, by a result or an error', async () => {
    const heard: any[] = [];
    const model = new PageModel({ n: 1 }, content => (content.type === 'good' ? Promise.resolve({ result: { type: 'yes' }, buffers: [] }) : Promise.reject(new Error('gone'))));
    model.on('msg:custom', m => heard.push(m));
    model.on('change:n', () => heard.push('n'));
    model.set('n', 1);
    model.set('n', 2);
    model.send({ type: 'good' });
    model.send({ type: 'bad', request: 7 });
    await soon();
    expect(heard).toEqual(['n', { type: 'yes' }, { type: 'error', request: 7, message: 'gone' }]);
  });
});

describe('a published folder', () => {
  const facts = { filters: { class: { car: [0, 2, 3], bus: [1] }, bad: { yes: [3, 1] } }, orders: { size: { up: [3, 1, 0, 2], down: [2, 0, 1, 3] } } };
  it('finds what passes every filter, in the order asked for', () => {
    expect(find(facts, 4, {}, '', false)).toEqual([0, 1, 2, 3]);
    expect(find(facts, 4, { class: 'car' }, 'size', true)).toEqual([2, 0, 3]);
    expect(find(facts, 4, { class: 'car', bad: 'yes' }, '', false)).toEqual([3]);
    expect(find(facts, 4, { class: 'none' }, '', false)).toEqual([]);
  });
  it('cuts one file into its parts', () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5]).buffer;
    expect(slices(bytes, [2, 0, 3]).map(v => [v.byteLength, v.byteLength ? v.getUint8(0) : -1])).toEqual([[2, 1], [0, -1], [3, 3]]);
  });
});
