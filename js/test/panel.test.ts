import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, describe, expect, it } from 'vitest';
import { LabModel } from '../src/model';
import { Fixed, matching, VersionsPanel } from '../src/panel';
import { fakeKernel, soon, until } from './fakes';

const row = (id: string, kind: string, metric: number | null = null) => ({ id, kind, name: id, created: '', summary: `${kind} of ${id}`, metric, metric_name: 'accuracy' });
const LAB = { name: 'road', path: '/labs/road', revision: '1' };
const ROWS = [row('d1', 'data'), { ...row('worst', 'data'), bad_cases: true }, row('t1', 'training', 0.5), row('t2', 'training')];
const JOB = { key: 'k1', name: 'long run', state: 'running', epoch: 1, epochs: 4, step: 3, steps: 12, message: 'epoch 2' };
const ANSWERS = {
  versions: { lab: LAB, labs: [LAB], rows: ROWS }, version: { samples: 7 }, revision: { revision: '1', running: 1 },
  results: { similarity: [{ number: 0, name: 'a, b', made: '', summary: '2 sets' }], drift: [{ number: 1, name: 'a → c', made: '', summary: 'drifted', drifted: true }, { number: 0, name: 'a → b', made: '', summary: 'no drift', drifted: false }, { number: 0, view: 'stream', name: 'a → 2 looks', made: '', summary: 'no drift', drifted: false }] },
  jobs: [JOB], job: { message: 'it will stop', jobs: [{ ...JOB, state: 'stopped' }] },
  actions: { before: 'import veml_lab as veml', actions: [{ id: 'browse', label: 'Browse', code: "lab['d1'].browse()", view: 'browse', params: { version: 'd1' } }, { id: 'train', label: 'Train', code: 'veml.train()', view: '', params: null }] }
};

function notebookWith(kernel: any) {
  const context: any = { session: { kernel } };
  context.kernelChanged = new Signal(context);
  context.statusChanged = new Signal(context);
  context.connectionStatusChanged = new Signal(context);
  const tracker: any = { currentWidget: { sessionContext: context, content: {} } };
  tracker.currentChanged = new Signal(tracker);
  return { tracker, context };
}

const words = { __: (s: string, ...a: unknown[]) => s.replace('%1', String(a[0])), _n: (s: string, p: string, n: number) => (n === 1 ? s : p).replace('%1', String(n)) } as any;
const opened: unknown[][] = [], inserted: unknown[][] = [];
let model: LabModel;
let ran: Signal<any, any>;
afterEach(() => model.dispose());

async function shown(kernel: any) {
  const { tracker, context } = notebookWith(kernel);
  ran = new Signal({});
  model = new LabModel(tracker, { executionScheduled: new Signal({}), executed: ran });
  const panel = new VersionsPanel(new Fixed(model), words, { openLineage: () => undefined, openView: (...a) => void opened.push(a), insert: (...a) => void inserted.push(a) });
  Widget.attach(panel, document.body);
  await until(() => !['connecting', 'no-notebook'].includes(panel.node.querySelector<HTMLElement>('.veml-sidebar')?.dataset.state ?? 'connecting'));
  await soon(60);
  return { panel, node: panel.node, context };
}

describe('versions panel', () => {
  it('groups the versions by kind and shows details of the chosen one', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    await soon(60);
    expect([...node.querySelectorAll('.veml-count')].map(c => c.textContent)).toEqual(['1', '1', '3', '0', '2', '0', '1']);
    const item = node.querySelector<HTMLElement>("[data-version='t1']")!;
    expect(item.textContent).toContain('0.500');
    item.focus();
    item.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await soon(40);
    expect(item.getAttribute('aria-selected')).toBe('true');
    expect(node.querySelector('.veml-details dl')!.textContent).toContain('samples7');
  });

  it('reaches the actions of a row from the keyboard, and comes back to the row', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    await soon(60);
    const row = () => node.querySelector<HTMLElement>("[data-version='t1']")!;
    const press = (key: string) => document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    row().focus();
    press('Enter');
    await until(() => node.querySelector('.veml-details [data-action]') !== null);
    press('ArrowRight');
    expect((document.activeElement as HTMLElement).dataset.action).toBe('browse');
    press('Escape');
    expect(document.activeElement).toBe(row());
    expect(row().getAttribute('aria-selected')).toBe('true'); // still chosen
  });

  it('says of an empty section what would fill it, but not where a search hides its rows', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    await soon(60);
    const section = (name: string) => node.querySelector(`section[data-kind='${name}']`)!.textContent;
    expect(section('inference')).toContain('then Deploy');
    expect(section('training')).not.toContain('Nothing was trained');
    const search = node.querySelector<HTMLInputElement>('input[type=search]')!;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(search, 'worst');
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await until(() => node.querySelectorAll('.veml-version').length === 1);
    expect(section('training')).not.toContain('Nothing was trained');
    expect(node.querySelectorAll('.veml-version').length).toBe(1);
  });

  it('offers to load veml_lab where it is not, and connects after a cell has imported it', async () => {
    const without = fakeKernel(null), withIt = fakeKernel(ANSWERS);
    const kernel = { ...without.kernel };
    const { node } = await shown(kernel);
    expect(node.querySelector('.veml-load')).toBeTruthy();
    kernel.createComm = withIt.kernel.createComm;
    ran.emit({ cell: {} });
    await soon(60);
    expect(node.querySelectorAll('.veml-version')).toHaveLength(4);
  });

  it('shows a similarity, a drift report and a job, and stops the job', async () => {
    const { kernel, asked } = fakeKernel(ANSWERS);
    const { node } = await shown(kernel);
    node.querySelector<HTMLElement>(".veml-result[data-drifted='true']")!.click();
    expect(opened.pop()).toEqual(['drift', { number: 1 }, 'a → c']);
    node.querySelector<HTMLElement>(".veml-result[title='a → 2 looks']")!.click();
    expect(opened.pop()).toEqual(['stream', { number: 0 }, 'a → 2 looks']);
    expect(node.querySelector<HTMLProgressElement>('.veml-job progress')!.value).toBe(0.25);
    expect(node.querySelector('header')!.textContent).toContain('1 job');
    node.querySelector<HTMLElement>("[aria-label='Stop long run']")!.click();
    await soon(40);
    expect(asked.find(a => a.question === 'job')!.params).toMatchObject({ what: 'stop', key: 'k1' });
    expect(node.querySelector("[aria-label='Resume long run']")).toBeTruthy();
    expect(node.querySelector('[role=status]')!.textContent).toBe('it will stop');
  });

  it('opens a view, or writes the line that shows the same into a cell', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    node.querySelector<HTMLElement>("[data-version='d1']")!.click();
    await soon(40);
    node.querySelector<HTMLElement>('[data-action=browse]')!.click();
    expect(opened.pop()).toEqual(['browse', { version: 'd1' }, 'Browse: d1']);
    node.querySelector<HTMLElement>('.veml-code')!.click();
    expect(inserted.pop()![0]).toMatchObject({ code: "lab['d1'].browse()" });
    node.querySelector<HTMLElement>('[data-action=train]')!.click();
    expect(inserted.pop()).toMatchObject([{ code: 'veml.train()' }, 'import veml_lab as veml']);
  });

  it('compares versions of one kind that were chosen with Ctrl', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    const click = (id: string, ctrlKey = false) => node.querySelector(`[data-version='${id}']`)!.dispatchEvent(new MouseEvent('click', { bubbles: true, ctrlKey }));
    click('t1');
    click('t2', true);
    await soon(20);
    node.querySelector<HTMLElement>('[data-action=compare]')!.click();
    expect(opened.pop()!.slice(0, 2)).toEqual(['compare', { versions: ['t1', 't2'] }]);
    click('d1', true);
    await soon(20);
    expect(node.querySelector('.veml-details')!.textContent).toContain('Only versions of one kind');
  });

  it('of thousands of versions shows the newest and finds the others', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => row(`v${i}`, 'data'));
    const { node } = await shown(fakeKernel({ ...ANSWERS, versions: { lab: LAB, labs: [LAB], rows: many } }).kernel);
    expect(node.querySelectorAll('.veml-version')).toHaveLength(300);
    expect(node.querySelector("[data-version='v4999']")).toBeTruthy();
    expect(node.querySelector("[data-version='v17']")).toBeNull();
    expect(matching(many, 'v17').map(r => r.id)).toContain('v17');
  });

  it('folds a section and keeps it folded', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    node.querySelector<HTMLElement>('section[data-kind=training] h3 button')!.click();
    await soon(20);
    expect(node.querySelector("[data-version='t1']")).toBeNull();
    expect(node.querySelector('section[data-kind=training] h3 button')!.getAttribute('aria-expanded')).toBe('false');
  });

  it('opens the lab of a session of its own without being asked, and again after a restart', async () => {
    const own = fakeKernel({ ...ANSWERS, open: LAB }), without = fakeKernel(null);
    const kernel = { ...without.kernel, requestExecute: () => { kernel.createComm = own.kernel.createComm; return { done: Promise.resolve({ content: { status: 'ok' } }) }; } };
    const { context } = notebookWith(kernel);
    model = new LabModel(null, { executionScheduled: new Signal({}), executed: new Signal({}) }, context);
    await until(() => model.state === 'ready');
    expect(own.asked[0]).toMatchObject({ question: 'open', params: { path: '.' } });
    context.statusChanged.emit('restarting');
    expect(model.state).toBe('restarted');
    context.statusChanged.emit('idle');
    await until(() => model.state === 'ready');
    expect(own.asked.filter(a => a.question === 'open')).toHaveLength(2);
  });

  it('asks again over the socket that a restart made, where the first one took the question with it', async () => {
    const own = fakeKernel({ ...ANSWERS, open: LAB });
    const real = own.kernel.createComm, { context } = notebookWith(own.kernel);
    model = new LabModel(null, { executionScheduled: new Signal({}), executed: new Signal({}) }, context);
    await until(() => model.state === 'ready');
    const mute = { commsOverSubshells: 'disabled', open: () => undefined, close: () => undefined };
    own.kernel.createComm = () => mute;
    context.statusChanged.emit('restarting');
    context.statusChanged.emit('busy'); // of the new kernel, over the socket that is about to go
    await soon();
    expect(model.state).toBe('connecting');
    own.kernel.createComm = real;
    context.connectionStatusChanged.emit('connecting');
    context.connectionStatusChanged.emit('connected');
    await until(() => model.state === 'ready');
    const asked = own.asked.length;
    context.connectionStatusChanged.emit('connected'); // a network that came back: the comm is still there
    await soon();
    expect([model.state, own.asked.length]).toEqual(['ready', asked]);
  });

  it('asks a kernel for its name again where the answer was lost, and goes on', async () => {
    const { kernel } = fakeKernel({ ...ANSWERS, open: LAB });
    const info = kernel.info;
    kernel.info = new Promise(() => undefined);
    let again = 0;
    kernel.requestKernelInfo = () => { again++; kernel.info = info; return Promise.resolve(); };
    const { context } = notebookWith(kernel);
    model = new LabModel(null, { executionScheduled: new Signal({}), executed: new Signal({}) }, context, 30);
    model.watch(() => true);
    await until(() => model.state === 'error');
    expect(again).toBe(1);
    await (model as any).look();
    await until(() => model.state === 'ready');
  });

  it('keeps what it showed while the kernel does not answer, says so, and asks again', async () => {
    const { kernel, comms } = fakeKernel(ANSWERS);
    const { node } = await shown(kernel);
    model.watch(() => true);
    const rpc = (model as any).rpc, ask = rpc.ask.bind(rpc), send = comms[0].send;
    rpc.ask = (question: string, params: any) => ask(question, params, 20);
    comms[0].send = () => undefined; // busy
    await (model as any).look();
    await soon(40);
    expect([model.state, model.late]).toEqual(['ready', true]);
    expect(node.querySelectorAll('.veml-version')).toHaveLength(ROWS.length);
    expect(node.querySelector('[role=status].veml-busy')!.textContent).toContain('asking again');
    comms[0].send = send;
    await (model as any).look();
    await until(() => !model.late);
    await soon(40);
    expect(node.querySelector('[role=status].veml-busy')).toBeNull();
  });
  it('keeps its list beside an error that came after it', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    (model as any).failed(new Error('the catalog is locked'));
    await soon(40);
    expect(node.querySelector('[role=alert]')!.textContent).toContain('the catalog is locked');
    expect(node.querySelectorAll('.veml-version')).toHaveLength(ROWS.length);
  });
  it('shows facts in the groups and words of the kernel', async () => {
    const groups = [{ title: 'Cost', facts: [['time', '2.8 s']] }, { title: 'Environment', facts: [['cpu', '<b>x</b>']] }];
    const { node } = await shown(fakeKernel({ ...ANSWERS, version: { seconds: 2.8123, groups } }).kernel);
    model.choose('t1');
    await until(() => node.querySelector('.veml-facts') !== null);
    const [cost, environment] = [...node.querySelectorAll<HTMLDetailsElement>('.veml-facts')];
    expect([cost.textContent, cost.open]).toEqual(['Costtime2.8 s', true]);
    expect([environment.textContent, environment.open]).toEqual(['Environmentcpu<b>x</b>', false]);
    expect(node.textContent).not.toContain('2.8123');
  });
  it('asks before it computes: choices, cost and the line; what was chosen goes into the cell', async () => {
    const fields = [{ name: 'data', label: 'data', value: 'night', options: [['night', 'night'], ['<i>fog</i>', '<i>fog</i>']], least: 0, most: 0 }, { name: 'budget', label: 'budget', value: 0.3, options: null, least: 0.01, most: 9 }];
    const fake = fakeKernel({ ...ANSWERS, form: { fields, says: [['time', 'about 3 s']], code: 'veml.rebuild(x)' }, actions: { before: 'import veml_lab as veml', actions: [{ id: 'rebuild', label: 'Rebuild', code: 'veml.rebuild(default)', view: '', params: null, form: true }] } });
    const { node } = await shown(fake.kernel);
    model.choose('t1');
    const button = () => node.querySelector<HTMLButtonElement>('[data-action=rebuild]');
    await until(() => button() !== null);
    inserted.length = 0;
    button()!.click();
    await until(() => node.querySelector('.veml-form select') !== null);
    expect(inserted).toEqual([]); // nothing is written or run yet
    expect(node.querySelector('.veml-form')!.textContent).toContain('about 3 s');
    const select = node.querySelector<HTMLSelectElement>('.veml-form select')!;
    expect(select.options[1].textContent).toBe('<i>fog</i>');
    Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')!.set!.call(select, '<i>fog</i>');
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await until(() => fake.asked.some(a => a.question === 'form' && a.params.values.data === '<i>fog</i>'));
    expect(fake.asked.find(a => a.question === 'form')!.params).toMatchObject({ version: 't1', action: 'rebuild', values: {} });
    await soon(40);
    node.querySelector<HTMLButtonElement>('.veml-form [type=submit]')!.click();
    await until(() => inserted.length > 0);
    expect([(inserted[0][0] as any).code, inserted[0][1]]).toEqual(['veml.rebuild(x)', 'import veml_lab as veml']);
    await until(() => node.querySelector('.veml-form') === null);
    button()!.click();
    await until(() => node.querySelector('.veml-form select') !== null);
    node.querySelector('.veml-form')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await until(() => node.querySelector('.veml-form') === null);
    expect(inserted).toHaveLength(1);
  });
  it('has a border between list and details that keys move, within its limits', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    expect(node.querySelector('[role=separator]')).toBeNull();
    model.choose('t1');
    await until(() => node.querySelector('[role=separator]') !== null);
    const bar = node.querySelector<HTMLElement>('[role=separator]')!;
    const press = async (key: string, times: number) => {
      for (let i = 0; i < times; i++) bar.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await soon(40);
      return [bar.getAttribute('aria-valuenow'), node.querySelector<HTMLElement>('.veml-sidebar')!.style.getPropertyValue('--veml-details')];
    };
    expect(await press('ArrowUp', 1)).toEqual(['50', '50%']);
    expect(await press('ArrowDown', 1)).toEqual(['45', '45%']);
    for (let i = 0; i < 14; i++) await press('ArrowUp', 1);
    expect((await press('ArrowUp', 1))[0]).toBe('85');
    for (let i = 0; i < 16; i++) await press('ArrowDown', 1);
    expect((await press('ArrowDown', 1))[0]).toBe('12');
  });

  it('says that page and kernel do not match', async () => {
    const { node } = await shown(fakeKernel(ANSWERS, 99).kernel);
    expect(node.querySelector('[role=alert]')!.textContent).toContain('Install the same version');
  });

  it('shows the line to type when no lab is open, and the words of an error', async () => {
    const { node } = await shown(fakeKernel({ versions: { lab: null, labs: [], rows: [] } }).kernel);
    expect(node.querySelector('pre')!.textContent).toContain('veml.open(');
    model.dispose();
    const { node: other } = await shown(fakeKernel({}).kernel);
    expect(other.querySelector('[role=alert]')!.textContent).toContain('there is no question versions');
  });

  it('says so when the kernel restarts', async () => {
    const { node, context } = await shown(fakeKernel(ANSWERS).kernel);
    context.statusChanged.emit('restarting');
    await soon(20);
    expect(node.querySelector('.veml-sidebar')!.getAttribute('data-state')).toBe('restarted');
    expect(node.querySelectorAll('.veml-version')).toHaveLength(0);
  });

  it('asks nothing while it is not on the screen', async () => {
    const { kernel, asked } = fakeKernel(ANSWERS);
    const { panel } = await shown(kernel);
    const look = () => (model as any).look();
    panel.hide();
    const before = asked.length;
    await look();
    expect(asked).toHaveLength(before);
    panel.show();
    await soon(20);
    await look();
    expect(asked.slice(before).map(a => a.question)).toContain('revision');
  });
});

describe('search', () => {
  it('wants every word, in any field', () => {
    const rows = [row('rain', 'data'), row('rain run', 'training')];
    expect(matching(rows, 'RAIN training').map(r => r.id)).toEqual(['rain run']);
    expect(matching(rows, '  ')).toHaveLength(2);
  });
});
