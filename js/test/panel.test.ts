import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { afterEach, describe, expect, it } from 'vitest';
import { LabModel } from '../src/model';
import { matching, VersionsPanel } from '../src/panel';
import { fakeKernel, soon } from './fakes';

const row = (id: string, kind: string, metric: number | null = null) => ({ id, kind, name: id, created: '', summary: `${kind} of ${id}`, metric, metric_name: 'accuracy' });
const LAB = { name: 'road', path: '/labs/road', revision: '1' };
const ANSWERS = { versions: { lab: LAB, labs: [LAB], rows: [row('d1', 'data'), row('t1', 'training', 0.5), row('t2', 'training')] }, version: { samples: 7 }, revision: { revision: '1' } };

function notebookWith(kernel: any) {
  const context: any = { session: { kernel } };
  context.kernelChanged = new Signal(context);
  context.statusChanged = new Signal(context);
  const tracker: any = { currentWidget: { sessionContext: context, content: {} } };
  tracker.currentChanged = new Signal(tracker);
  return { tracker, context };
}

let model: LabModel;
let ran: Signal<any, any>;
afterEach(() => model.dispose());

async function shown(kernel: any) {
  const { tracker, context } = notebookWith(kernel);
  ran = new Signal({});
  model = new LabModel(tracker, { executionScheduled: new Signal({}), executed: ran });
  const panel = new VersionsPanel(model, { __: (s: string, ...a: unknown[]) => s.replace('%1', String(a[0])) } as any, { openLineage: () => undefined });
  Widget.attach(panel, document.body);
  await soon(60);
  return { panel, node: panel.node, context };
}

describe('versions panel', () => {
  it('groups the versions by kind and shows details of the chosen one', async () => {
    const { node } = await shown(fakeKernel(ANSWERS).kernel);
    expect([...node.querySelectorAll('.veml-count')].map(c => c.textContent)).toEqual(['1', '0', '2', '0']);
    const item = node.querySelector<HTMLElement>("[data-version='t1']")!;
    expect(item.textContent).toContain('0.500');
    item.focus();
    item.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await soon(40);
    expect(item.getAttribute('aria-selected')).toBe('true');
    expect(node.querySelector('.veml-details dl')!.textContent).toContain('samples7');
  });

  it('offers to load veml_lab where it is not, and connects after a cell has imported it', async () => {
    const without = fakeKernel(null), withIt = fakeKernel(ANSWERS);
    const kernel = { ...without.kernel };
    const { node } = await shown(kernel);
    expect(node.querySelector('.veml-load')).toBeTruthy();
    kernel.createComm = withIt.kernel.createComm;
    ran.emit({ cell: {} });
    await soon(60);
    expect(node.querySelectorAll('.veml-version')).toHaveLength(3);
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
    expect(asked.at(-1)!.question).toBe('revision');
  });
});

describe('search', () => {
  it('wants every word, in any field', () => {
    const rows = [row('rain', 'data'), row('rain run', 'training')];
    expect(matching(rows, 'RAIN training').map(r => r.id)).toEqual(['rain run']);
    expect(matching(rows, '  ')).toHaveLength(2);
  });
});
