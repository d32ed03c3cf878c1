/** Notebook widget: figures of Plotly (veml_lab/widgets/chart.py). */
import { Charts } from '../drawing/chart';
import { h } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { trans } from '../drawing/words';
import type { ChartTraits } from '../traits';

export function render({ model, el }: RenderContext<ChartTraits>): () => void {
  const box = frame(el, 'veml-figure', trans.__('Chart'), () => draw());
  const title = h('span', { class: 'veml-title' });
  const panes = h('div', { class: 'veml-panes' });
  box.root.append(h('div', { class: 'veml-bar' }, title), panes);
  const charts = new Charts(model, box.colours);

  function draw(): void {
    const all = Object.entries(model.get('charts'));
    title.textContent = model.get('title') || trans.__('Chart');
    charts.keep(all.map(([name]) => name));
    panes.replaceChildren(...all.map(([name, spec]) => charts.draw(name, spec)));
    box.root.dataset.ready = '1';
  }

  const changes = ['charts', 'title'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    charts.dispose();
    box.dispose();
  };
}

export default { render };
