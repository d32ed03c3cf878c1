/** Notebook widget: versions side by side, what differs marked (veml_lab/widgets/compare.py). */
import { Selection, WallBeside } from '../drawing/beside';
import { ChartEvent, Charts, values as numbers } from '../drawing/chart';
import { h, readable } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { frame, symbol } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { trans } from '../drawing/words';
import type { ComparisonTraits } from '../traits';

type Value = string | number | boolean | null;

export const differs = (values: Value[]) => values.some(v => v !== values[0]);

/** Whether a figure shows its versions to be different: one trace each. */
const unlike = (data: any[]) => new Set(data.map(t => JSON.stringify([numbers(t.orientation === 'h' ? t.x : t.y), t.z ?? null]))).size > 1 || data.length === 1;

export function render({ model, el }: RenderContext<ComparisonTraits>): () => void {
  const box = frame(el, 'veml-compare', 'Comparison', () => draw());
  const bar = h('div', { class: 'veml-bar' }), panes = h('div', { class: 'veml-panes veml-bars' });
  const body = h('div', { class: 'veml-scroll', tabindex: 0, role: 'region', 'aria-label': trans.__('Comparison') });
  const opened = h('div');
  box.root.append(bar, body, opened);
  const beside = new WallBeside(model, opened);
  const charts = new Charts(model, box.colours, { told: clicked });
  let only = false;

  /** A bar, or the range of a histogram: what its samples have in common stands in the figure. */
  function clicked(said: ChartEvent): void {
    const chosen = said.customdata.filter(Boolean) as Selection[];
    if (!model.get('opens') || !chosen[0]?.where) return;
    const [fact, first] = Object.entries(chosen[0].where)[0] as [string, any];
    const last = chosen[chosen.length - 1].where![fact] as any;
    if (said.event === 'click') beside.open({ selection: chosen[0] });
    else if (typeof first === 'object' && 'from' in first) beside.open({ selection: { ...chosen[0], where: { [fact]: { ...last, from: first.from } } } });
  }

  function draw(): void {
    const names = model.get('names'), sections = model.get('sections'), all_charts = model.get('charts');
    const toggle = h('button', { type: 'button', 'aria-pressed': String(only) }, trans.__('Only differences'));
    toggle.onclick = () => { only = !only; draw(); (bar.querySelector('button') as HTMLElement).focus(); };
    const all = Object.values(sections).flatMap(f => Object.values(f));
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('Comparison')),
      ...(names.length > 1 ? [h('span', { class: 'veml-note' }, trans.__('%1 of %2 fields differ', all.filter(differs).length, all.length)), h('span', { class: 'veml-space' }), toggle] : []));
    const heads = names.map((n, i) => h('th', {}, model.get('kind') ? symbol(model.get('kind')) : h('span', { class: 'veml-swatch', style: `background:${SERIES[i % SERIES.length]}` }), ` ${n}`));
    const rows: HTMLElement[] = [];
    for (const [title, fields] of Object.entries(sections)) {
      const kept = Object.entries(fields).filter(([, values]) => !only || differs(values));
      if (!kept.length) continue;
      rows.push(h('tr', { class: 'veml-section' }, h('th', { colspan: names.length + 1 }, title)));
      for (const [field, values] of kept) {
        rows.push(h('tr', { 'data-field': field, 'data-differs': String(differs(values)) }, h('th', {}, field.replace(/_/g, ' ')),
          ...values.map(v => h('td', {}, readable(v), ...(typeof v === 'number' && typeof values[0] === 'number' && v !== values[0] ? [h('span', { class: 'veml-note' }, ` ${delta(v - values[0])}`)] : [])))));
      }
    }
    body.replaceChildren(h('table', { class: 'veml-table' }, h('thead', {}, h('tr', {}, h('td'), ...heads)), h('tbody', {}, ...rows)),
      panes);
    const shown = Object.entries(all_charts).filter(([, spec]) => !only || unlike(spec.data));
    charts.keep(shown.map(([title]) => title));
    panes.replaceChildren(...shown.map(([title, spec]) => charts.draw(title, { ...spec, layout: { ...spec.layout, margin: { l: 50, r: 20, t: spec.layout.showlegend ? 30 : 10, b: 44 } } })));
    if (only && !rows.length) body.prepend(h('div', { class: 'veml-empty' }, trans.__('Nothing differs.')));
    box.root.dataset.ready = '1';
  }

  const delta = (d: number) => `(${d > 0 ? '+' : '−'}${readable(Math.abs(d))})`;

  const changes = ['names', 'sections', 'charts', 'title', 'kind', 'opens'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  const heard = (message: any, buffers: DataView[]) => void beside.receive(message, buffers);
  model.on('msg:custom', heard);
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    model.off('msg:custom', heard);
    charts.dispose();
    beside.dispose();
    box.dispose();
  };
}

export default { render };
