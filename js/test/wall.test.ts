/** The wall and the enlarged picture: what is asked of the kernel, what is shown, hidden, written and taken back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { linkedTable, WallBeside } from '../src/drawing/beside';
import browser from '../src/widgets/browser';
import confusion from '../src/widgets/confusion';
import { FakeModel, soon } from './fakes';

const bytes = () => new DataView(new Uint8Array([255, 216]).buffer);
const NOTE = {
  label: null, caption: 'night.png', boxes: [[0, 0, 0.5, 0.5, 'car']], cost: 1.25, kinds: ['missed'],
  prediction: { label: null, score: 0.9, boxes: [[0, 0, 0.5, 0.5, 'bus', 0.9], [0, 0, 1, 1, 'car', 0.2]] }
};
const STATE = () => ({
  count: 40, thumb_px: 128, height: 420, classes: ['car', 'bus'], selected: [] as number[], title: 'road', layers: [], compare: [], filters: { class: ['car', 'bus'] } as Record<string, string[]>,
  orders: ['size', 'speed'], saves: ['data version'], numbers: ['speed'], texts: ['file'], score: 0.4, tags: true, nearest: true, about: true
});

let el: HTMLElement, model: FakeModel<any>, clean: () => void;
beforeEach(() => {
  document.body.replaceChildren();
  el = document.createElement('div');
  document.body.append(el);
});

async function wall(state = STATE()): Promise<void> {
  model = new FakeModel<any>(state);
  clean = browser.render({ model: model as any, el });
  await soon(60);
  const { positions, request } = model.sent[0];
  model.emit('msg:custom', { type: 'samples', request, positions, annotations: positions.map(() => NOTE) }, positions.map(bytes));
  await soon(60);
}
const root = () => el.querySelector<HTMLElement>('.veml-browser')!;
const last = (type: string) => model.sent.filter(m => m.type === type).at(-1);
const press = (name: string, within: ParentNode = el) => [...within.querySelectorAll('button')].find(b => (b.getAttribute('aria-label') ?? b.textContent) === name)!.click();
const key = (k: string, on: Element, more: object = {}) => on.dispatchEvent(new KeyboardEvent('keydown', { key: k, bubbles: true, ...more }));
const canvas = () => el.querySelector<HTMLCanvasElement>('.veml-wall canvas')!;
const dialog = () => el.querySelector<HTMLElement>('.veml-large');
const pick = (label: string, value: string) => {
  const select = el.querySelector<HTMLSelectElement>(`select[aria-label="${label}"]`)!;
  select.value = value;
  select.dispatchEvent(new Event('change'));
};
const found = (positions: number[]) => {
  const asked = model.sent.filter(m => m.type === 'find' || m.type === 'like').at(-1);
  model.emit('msg:custom', { type: 'found', request: asked.request, count: positions.length }, [new DataView(new Uint32Array(positions).buffer)]);
};

describe('filters of the wall', () => {
  it('by a number: a range, or a bar of its histogram', async () => {
    await wall();
    pick('Filter by a number', 'speed');
    expect(last('spread')).toMatchObject({ fact: 'speed' });
    model.emit('msg:custom', { type: 'spread', fact: 'speed', edges: [0, 5, 10], counts: [3, 7] }, []);
    const bars = [...el.querySelectorAll<HTMLButtonElement>('.veml-spread button')];
    expect(bars.map(b => b.dataset.count)).toEqual(['3', '7']);
    bars[0].click();
    expect(last('find').where).toEqual({ speed: { from: 0, to: 5, open: true } });
    bars[1].click();
    expect(last('find').where).toEqual({ speed: { from: 5, to: 10 } }); // the last bar has its upper edge
    const low = el.querySelector<HTMLInputElement>('[aria-label="speed from"]')!, high = el.querySelector<HTMLInputElement>('[aria-label="speed to"]')!;
    expect([low.value, high.value]).toEqual(['5', '10']);
    high.value = '';
    high.dispatchEvent(new Event('change'));
    expect(last('find').where).toEqual({ speed: { from: 5 } });
    const before = model.sent.length;
    press('Remove the filter by speed');
    expect(model.sent.slice(before).filter(m => m.type === 'find')).toEqual([]); // nothing is filtered: nothing to ask
    expect(root().dataset.count).toBe('40');
  });
  it('by a text, together with a choice', async () => {
    await wall();
    pick('Filter by a text', 'file');
    const input = el.querySelector<HTMLInputElement>('[aria-label="file contains"]')!;
    input.value = 'night';
    key('Enter', input);
    pick('Filter by class', 'bus');
    expect(last('find').where).toEqual({ file: { has: 'night' }, class: 'bus' });
  });
  it('by likeness: one key, within what the filters leave, and back again', async () => {
    await wall();
    pick('Filter by class', 'bus');
    found([7, 9, 11]);
    key('ArrowRight', canvas());
    key('s', canvas());
    expect(last('like')).toMatchObject({ position: 7, where: { class: 'bus' } });
    found([7, 11, 9]);
    expect(root().dataset.count).toBe('3');
    [...el.querySelectorAll<HTMLButtonElement>('.veml-like')][0].click();
    expect(last('find').where).toEqual({ class: 'bus' });
  });
});

describe('tiles', () => {
  it('are asked for at their size, and anew when they grow', async () => {
    await wall();
    expect(model.sent[0].size_px).toBe(128);
    press('Larger tiles');
    press('Larger tiles');
    await soon(120);
    expect(last('get').size_px).toBe(256);
    press('Smaller tiles');
    press('Smaller tiles');
    press('Smaller tiles');
    const before = model.sent.length;
    await soon(120);
    expect(model.sent.slice(before).filter(m => m.positions.some((p: number) => model.sent[0].positions.includes(p)))).toEqual([]); // those are large enough
  });
});

describe('the enlarged picture', () => {
  const open = async () => {
    await wall();
    key('ArrowRight', canvas());
    key('Enter', canvas());
    const asked = last('one');
    model.emit('msg:custom', { type: 'one', request: -1, position: 0 }, [bytes()]);
    model.emit('msg:custom', { type: 'about', request: last('about').request, position: 0, about: { width: 960, height: 960, facts: { id: 17, file: 'night.png' }, columns: { speed: 3.5 }, versions: ['town', 'town, fit'], tags: ['odd'], notes: [{ made: '2026-01-02 03:04', text: '<b>dark</b>' }], errors: ['missed: car'] } }, []);
    await soon(60);
    return asked;
  };
  it('says what is wrong, what is known, and which versions hold it; what others wrote stays text', async () => {
    await open();
    const aside = el.querySelector('.veml-side')!;
    for (const said of ['missed', 'cost 1.25', 'missed: car', 'night.png', 'speed', '3.5', 'In 2 versions', 'town, fit', 'odd', '<b>dark</b>']) expect(aside.textContent).toContain(said);
    expect(aside.querySelector('b')).toBeNull();
  });
  it('asks for all its pixels when it is zoomed to them, once', async () => {
    await open();
    press('Its own pixels (1)');
    expect(dialog()!.dataset.zoom).toBe('100');
    key('+', dialog()!);
    key('0', dialog()!);
    expect(model.sent.filter(m => m.size_px === 4096)).toMatchObject([{ type: 'one', position: 0 }]);
    expect(Number(dialog()!.dataset.zoom)).toBeLessThan(100);
  });
  it('goes to the next and the previous by keys and buttons, and ends at the ends', async () => {
    await open();
    expect(el.querySelector<HTMLButtonElement>('[data-does=back]')!.disabled).toBe(true);
    key('ArrowRight', dialog()!);
    expect(last('one')).toMatchObject({ position: 1 });
    press('Next sample (→)');
    expect(dialog()!.dataset.sample).toBe('2');
    press('Previous sample (←)');
    expect(dialog()!.dataset.sample).toBe('1');
    expect(dialog()!.textContent).toContain('2 of 40');
  });
  it('hides layers and classes by button and key, for the wall as well', async () => {
    await open();
    const pressed = (name: string) => [...el.querySelectorAll('.veml-side .veml-toggle')].find(b => b.textContent === name)!.getAttribute('aria-pressed');
    expect([pressed('truth'), pressed('prediction'), pressed('labels'), pressed('bus')]).toEqual(['true', 'true', 'true', 'true']);
    key('t', dialog()!);
    key('b', dialog()!);
    [...el.querySelectorAll<HTMLButtonElement>('.veml-side .veml-toggle')].find(b => b.textContent === 'bus')!.click();
    expect([pressed('truth'), pressed('prediction'), pressed('labels'), pressed('bus')]).toEqual(['false', 'true', 'false', 'false']);
    const keys = [...el.querySelectorAll('.veml-bar .veml-toggle')];
    expect(keys.find(b => b.textContent === 'bus')!.getAttribute('aria-pressed')).toBe('false');
    expect(keys.find(b => b.textContent === 'truth')!.getAttribute('aria-pressed')).toBe('false');
  });
  it('covers the wall, and gives it back with its keys', async () => {
    await open();
    expect(el.querySelector<HTMLElement>('.veml-wall')!.inert).toBe(true);
    key('?', dialog()!);
    expect(el.querySelector('.veml-help')!.textContent).toContain('previous and next sample');
    key('Escape', el.querySelector('.veml-help')!);
    expect([el.querySelector('.veml-help'), dialog() !== null]).toEqual([null, true]);
    key('Escape', dialog()!);
    expect([dialog(), el.querySelector<HTMLElement>('.veml-wall')!.inert, document.activeElement]).toEqual([null, false, canvas()]);
  });
  it('takes tags and notes in place and shows what is known then', async () => {
    await open();
    const field = (label: string) => el.querySelector<HTMLInputElement>(`.veml-side [aria-label="${label}"]`)!;
    field('new tag').value = 'blurred';
    key('Enter', field('new tag'));
    expect(last('tag')).toMatchObject({ tag: 'blurred', positions: [0], remove: false });
    const before = model.sent.length;
    model.emit('msg:custom', { type: 'tagged', request: last('tag').request, message: 'given', filters: { class: ['car', 'bus'], tag: ['blurred'] } }, []);
    expect(model.sent.slice(before)).toMatchObject([{ type: 'about', position: 0 }]);
    expect(el.querySelector('select[aria-label="Filter by tag"]')).not.toBeNull();
    press('Take off the tag odd');
    expect(last('tag')).toMatchObject({ tag: 'odd', remove: true });
    field('new note').value = 'look again';
    key('Enter', field('new note'));
    expect(last('note')).toMatchObject({ position: 0, text: 'look again' });
  });
  it('of a wall that only shows has nothing to write in', async () => {
    await wall({ ...STATE(), tags: false, saves: [], nearest: false, about: false });
    key('ArrowRight', canvas());
    key('Enter', canvas());
    expect(dialog()!.querySelector('input[type=text]')).toBeNull();
    expect(model.sent.some(m => m.type === 'about')).toBe(false);
    key('s', dialog()!);
    expect(model.sent.some(m => m.type === 'like')).toBe(false);
    clean();
    expect(el.children).toHaveLength(0);
  });
});

describe('what was kept', () => {
  it('is taken back by a button or a key, once', async () => {
    await wall();
    key('u', canvas());
    expect(last('undo')).toBeUndefined();
    model.emit('msg:custom', { type: 'saved', request: 9, message: 'kept' }, []);
    press('Undo');
    expect(last('undo')).toBeDefined();
    model.emit('msg:custom', { type: 'undone', request: 10, message: 'taken back' }, []);
    expect(el.querySelector('[role=status]')!.textContent).toBe('taken back');
    const before = model.sent.length;
    key('u', canvas());
    expect(model.sent).toHaveLength(before);
  });
  it('tags what is chosen', async () => {
    await wall();
    model.set('selected', [3, 4]);
    const input = el.querySelector<HTMLInputElement>('[aria-label="tag of the chosen"]')!;
    input.value = 'rain';
    key('Enter', input);
    expect(last('tag')).toMatchObject({ positions: [3, 4], tag: 'rain' });
  });
});

describe('what is counted', () => {
  const state = () => ({ charts: {}, total: 18, right: 17, left_out: 0, title: '', selected: [], event: {}, about: { version: 'v', training: 't' }, opens: true,
    tables: { Classes: { columns: ['class', 'samples'], rows: [['<i>cat</i>', 8]], opens: [{ class: 'cat' }] } } });
  const opened = { type: 'opened', state: { ...STATE(), count: 2 }, paths: [], said: '' };
  it('opens from a row of findings, whose words stay text', () => {
    const m = new FakeModel<any>(state());
    confusion.render({ model: m as any, el });
    el.querySelector<HTMLButtonElement>('[data-table=Classes] button')!.click();
    expect(m.sent.at(-1)).toMatchObject({ type: 'open', selection: { version: 'v', training: 't', where: { class: 'cat' } } });
    expect(el.querySelector('.veml-found i')).toBeNull();
  });
  it('is shown by a wall below, which asks through the chart and is closed again', async () => {
    const m = new FakeModel<any>(state());
    const done = confusion.render({ model: m as any, el });
    el.querySelector<HTMLButtonElement>('[data-table=Classes] button')!.click();
    m.emit('msg:custom', { ...opened, request: m.sent.at(-1).request }, []);
    await soon(60);
    expect(el.querySelector<HTMLElement>('.veml-opened .veml-browser')!.dataset.count).toBe('2');
    const asked = m.sent.at(-1);
    expect(asked).toMatchObject({ type: 'beside', content: { type: 'get', positions: [0, 1] } });
    m.emit('msg:custom', { type: 'besides', request: asked.request, answer: { type: 'samples', positions: [0, 1], annotations: [NOTE, NOTE] } }, [bytes(), bytes()]);
    await soon(60);
    expect(el.querySelector<HTMLElement>('.veml-opened .veml-browser')!.dataset.loaded).toBe('2');
    press('Close these samples');
    expect(el.querySelector<HTMLElement>('.veml-opened')!.hidden).toBe(true);
    done();
    expect(m.listening).toBe(0);
  });
  it('that cannot be opened says why, and an older answer is not shown', () => {
    const m = new FakeModel<any>(state()), host = document.createElement('div');
    const beside = new WallBeside(m as any, host);
    beside.open({ indices: [1] });
    const first = m.sent[0].request;
    beside.open({ indices: [2] });
    expect(beside.receive({ ...opened, request: first }, [])).toBe(true);
    expect(host.hidden).toBe(true);
    expect(beside.receive({ type: 'error', request: m.sent[1].request, message: 'UnknownName: no class' }, [])).toBe(true);
    expect(host.querySelector('[role=alert]')!.textContent).toBe('UnknownName: no class');
    expect(beside.receive({ type: 'error', request: 3, message: 'of the chart' }, [])).toBe(false);
    beside.dispose();
  });
  it('is a table without buttons where nothing can be opened', () => {
    expect(linkedTable('x', { columns: ['a'], rows: [['b']], opens: [{ a: 'b' }] }, null).querySelector('button')).toBeNull();
    expect(linkedTable('x', { columns: ['a'], rows: [['b']], opens: [{ a: 'b' }] }, () => undefined).querySelector('button')).not.toBeNull();
  });
});
