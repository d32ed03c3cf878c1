/** Notebook widget: the lineage graph of plain nodes and edges (veml_lab/widgets/lineage.py). */
import { GraphView } from '../drawing/graph';
import type { LineageGraphTraits } from '../traits';
import type { RenderContext } from '../drawing/model';

export function render({ model, el }: RenderContext<LineageGraphTraits>): () => void {
  const view = new GraphView(el, {
    onSelect: id => {
      model.set('selected', id);
      model.save_changes();
    }
  });
  const root = el.querySelector<HTMLElement>('.veml-graph')!;
  if (model.get('metadata') === false) view.showMetadata = false;
  const load = () => {
    root.style.height = `${model.get('height')}px`;
    view.set(model.get('nodes'), model.get('edges'), model.get('dress'));
    choose();
  };
  const choose = () => view.select(model.get('selected'), false);
  const changed = ['change:nodes', 'change:edges', 'change:dress', 'change:height'];
  changed.forEach(c => model.on(c, load));
  model.on('change:selected', choose);
  load();
  return () => {
    changed.forEach(c => model.off(c, load));
    model.off('change:selected', choose);
    view.dispose();
  };
}

export default { render };
