/** Notebook widget: confusion matrix, kinds of error, precision over recall (veml_lab/widgets/confusion.py). */
import { linkedTable, WallBeside, Where } from '../drawing/beside';
import { ChartEvent, Charts } from '../drawing/chart';
import { h, number } from '../drawing/dom';
import { frame, segments } from '../drawing/parts';
import type { RenderContext } from '../drawing/model';
import { count as inWords, N_, trans } from '../drawing/words';
import type { ConfusionMatrixTraits } from '../traits';

const NUMBERS = [N_('counts'), N_('share of the class')];
const FURTHER: Record<string, string> = { 'kinds of error': N_('Kinds of error'), 'precision and recall': N_('Precision and recall') };

export function render({ model, el }: RenderContext<ConfusionMatrixTraits>): () => void {
  const box = frame(el, 'veml-confusion', 'Confusion matrix', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const plot = h('div', { class: 'veml-matrix' }), further = h('div', { class: 'veml-kinds' });
  const found = h('div', { class: 'veml-findings' }), opened = h('div');
  box.root.append(bar, h('div', { class: 'veml-split' }, plot, further), found, opened);
  const beside = new WallBeside(model, opened);
  const charts = new Charts(model, box.colours, { named: name => (FURTHER[name] ? trans.__(FURTHER[name]) : ''), told: clicked });
  let show = NUMBERS[0];
  const open = (where: Where) => beside.open({ selection: { ...model.get('about'), where } });

  /** A cell or a bar: what its samples have in common stands in the figure. */
  function clicked(said: ChartEvent): void {
    const where = (said.customdata[0] as { where?: any } | undefined)?.where;
    if (said.event !== 'click' || !where) return;
    if (where.confused) {
      model.set('selected', [...where.confused]);
      model.save_changes();
    }
    if (model.get('opens')) open(where);
  }

  function draw(): void {
    const all = model.get('charts'), total = model.get('total'), right = model.get('right'), less = model.get('left_out');
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('What was taken for what')),
      h('span', { class: 'veml-note' }, `${total ? trans.__('%1 of %2 right (%3)', inWords(right), inWords(total), number(right / total)) : trans.__('nothing to compare')}${less ? ` · ${trans.__('%1 classes with fewer errors left out', less)}` : ''}`),
      h('span', { class: 'veml-space' }), segments(trans.__('Numbers'), NUMBERS, show, name => { show = name; draw(); }, name => trans.__(name)));
    const rest = Object.keys(FURTHER).filter(name => all[name]);
    charts.keep([show, ...rest]);
    plot.replaceChildren(...(all[show] ? [charts.draw(show, { ...all[show], layout: { ...all[show].layout, title: undefined, margin: { l: 20, r: 10, t: 20, b: 10 } } })] : []));
    further.style.display = rest.length ? '' : 'none';
    further.replaceChildren(...rest.map(name => charts.draw(name, { ...all[name], layout: { ...all[name].layout, margin: { l: 60, r: 20, t: 10, b: 44 } } })));
    found.replaceChildren(...Object.entries(model.get('tables') ?? {}).map(([title, table]) => linkedTable(title, table, model.get('opens') ? open : null)));
    box.root.dataset.ready = '1';
  }

  const changes = ['charts', 'total', 'right', 'title', 'tables', 'opens'].map(n => `change:${n}`);
  const later = () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(draw); }; // many traits change together: draw once
  let pending = 0;
  changes.forEach(c => model.on(c, later));
  const heard = (message: any, buffers: DataView[]) => void beside.receive(message, buffers);
  model.on('msg:custom', heard);
  draw();
  return () => {
    cancelAnimationFrame(pending);
    changes.forEach(c => model.off(c, later));
    model.off('msg:custom', heard);
    charts.dispose();
    beside.dispose();
    box.dispose();
  };
}

export default { render };
