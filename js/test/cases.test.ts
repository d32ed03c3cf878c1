import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, describe, expect, it } from 'vitest';
import { asked } from '../src/cases';
import { LabModel } from '../src/model';
import { Fixed, VersionsPanel } from '../src/panel';
import { fakeKernel, soon, until } from './fakes';

const LAB = { name: 'road', path: '/labs/road', revision: '1' };
const line = (id: string, priority: string, status: string, since = '') => ({ id, uri: `${id}.jpg`, function: 'signs', status, since, priority, frequency: 3, wrong: 'stop taken for yield', week: '2026-W10', description: 'a bent sign' });
const BOARD = { total: 120, found: 120, functions: ['signs', 'lights'], weeks: ['2026-W10'], states: { new: 80, regressed: 40 }, rows: [line('c-1', 'high', 'regressed', 'v2'), line('c-2', 'low', 'new')] };
const ANSWERS = {
  versions: { lab: LAB, labs: [LAB], rows: [] }, revision: { revision: '1', running: 0 }, results: { similarity: [], drift: [] }, jobs: [],
  actions: { before: '', actions: [] }, cases: BOARD
};
const words = { __: (s: string, ...a: unknown[]) => a.reduce<string>((t, v, i) => t.replace(`%${i + 1}`, String(v)), s), _n: (s: string) => s } as any;
const opened: unknown[][] = [];
let model: LabModel;
afterEach(() => model.dispose());

async function shown(answers: object = ANSWERS) {
  const fake = fakeKernel(answers as any);
  const context: any = { session: { kernel: fake.kernel } };
  for (const s of ['kernelChanged', 'statusChanged', 'connectionStatusChanged']) context[s] = new Signal(context);
  const tracker: any = { currentWidget: { sessionContext: context, content: {} } };
  tracker.currentChanged = new Signal(tracker);
  model = new LabModel(tracker, { executionScheduled: new Signal({}), executed: new Signal({}) });
  const panel = new VersionsPanel(new Fixed(model), words, { openLineage: () => undefined, openView: (...a) => void opened.push(a), insert: () => undefined });
  Widget.attach(panel, document.body);
  await until(() => panel.node.querySelector<HTMLElement>('.veml-sidebar')?.dataset.state === 'ready');
  await soon(60);
  return { node: panel.node.querySelector<HTMLElement>("section[data-kind='bad-cases']")!, fake };
}

const questions = (fake: any) => fake.asked.filter((m: any) => m.question === 'cases').map((m: any) => m.params.where);

describe('bad cases in the panel', () => {
  it('lists them in the order that the kernel gives, with state, function and what was said', async () => {
    const { node } = await shown();
    await until(() => node.querySelectorAll('.veml-case').length === 2);
    expect(node.querySelector('.veml-count')!.textContent).toBe('120');
    const [first] = node.querySelectorAll<HTMLElement>('.veml-case');
    expect(first.dataset).toMatchObject({ case: 'c-1', priority: 'high' });
    expect(first.querySelector('.veml-summary')!.textContent).toBe('high · regressed (v2) · signs · c-1.jpg');
    expect(first.querySelector('.veml-name')!.textContent).toBe('stop taken for yield');
    expect(node.textContent).toContain('The most pressing 2 of 120.');
    first.click();
    expect(opened.at(-1)).toEqual(['cases', { where: { id: 'c-1' } }, 'c-1.jpg']);
  });

  it('asks again for what is filtered, and opens views of it', async () => {
    const { node, fake } = await shown();
    await until(() => node.querySelectorAll('.veml-case').length === 2);
    const choose = (at: number, value: string) => {
      const select = node.querySelectorAll('select')[at];
      Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, 'value')!.set!.call(select, value);
      select.dispatchEvent(new Event('change', { bubbles: true }));
    };
    choose(0, 'lights');
    await until(() => questions(fake).length === 2);
    choose(2, '2026-W10');
    await until(() => questions(fake).length === 3);
    expect(questions(fake)).toEqual([{}, { function: 'lights' }, { function: 'lights', week: '2026-W10' }]);
    [...node.querySelectorAll('button')].find(b => b.textContent === 'By week')!.click();
    expect(opened.at(-1)!.slice(0, 2)).toEqual(['cases weekly', { where: { function: 'lights', week: '2026-W10' } }]);
  });

  it('filters by a state of the board, and lets it go again', async () => {
    const { node, fake } = await shown();
    await until(() => node.querySelectorAll('.veml-board button').length === 2);
    const pressed = () => node.querySelector<HTMLElement>("[data-state='regressed']")!;
    expect(pressed().textContent).toBe('40 regressed');
    pressed().click();
    await until(() => pressed().getAttribute('aria-pressed') === 'true');
    pressed().click();
    await until(() => questions(fake).length === 3);
    expect(questions(fake)).toEqual([{}, { status: 'regressed' }, {}]);
  });

  it('says what makes the first case where there is none, or that none passes', async () => {
    const none = { total: 0, found: 0, functions: [], weeks: [], states: {}, rows: [] };
    const { node } = await shown({ ...ANSWERS, cases: none });
    expect(node.textContent).toContain('No bad cases were kept yet');
    await model.filterCases({ function: 'x', status: '', week: '' });
    await soon(20);
    expect(node.textContent).toContain('No case passes these filters.');
  });
});

it('asks for the filters that are set alone', () => {
  expect(asked({ function: '', status: 'new', week: '' })).toEqual({ status: 'new' });
});
