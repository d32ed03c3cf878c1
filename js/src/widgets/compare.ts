/** Notebook widget: versions side by side, what differs marked (veml_lab/widgets/compare.py). */
import { leads, WallBeside } from '../drawing/beside';
import { h, number, readable } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { frame, symbol } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { trans } from '../drawing/words';
import type { ComparisonTraits } from '../traits';

type Value = string | number | boolean | null;
const MOST_BARS = 60;

export const differs = (values: Value[]) => values.some(v => v !== values[0]);

export function render({ model, el }: RenderContext<ComparisonTraits>): () => void {
  const box = frame(el, 'veml-compare', 'Comparison', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const body = h('div', { class: 'veml-scroll', tabindex: 0, role: 'region', 'aria-label': trans.__('Comparison') });
  const opened = h('div');
  box.root.append(bar, body, opened);
  const beside = new WallBeside(model, opened);
  let only = false;

  function draw(): void {
    const names = model.get('names'), sections = model.get('sections'), bars = model.get('bars');
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
      h('div', { class: 'veml-bars' }, ...Object.entries(bars).map(([title, labels]) => chart(title, labels, names))));
    if (only && !rows.length) body.prepend(h('div', { class: 'veml-empty' }, trans.__('Nothing differs.')));
    box.root.dataset.ready = '1';
  }

  const delta = (d: number) => `(${d > 0 ? '+' : '−'}${readable(Math.abs(d))})`;

  function chart(title: string, labels: Record<string, number[]>, names: string[]): HTMLElement {
    const shown = Object.entries(labels).filter(([, v]) => !only || v.some(x => x !== v[0])).slice(0, MOST_BARS);
    const most = Math.max(1e-12, ...shown.flatMap(([, v]) => v));
    return h('div', { class: 'veml-barchart' }, h('h4', {}, title), ...shown.map(([label, values]) => h('div', { class: 'veml-barrow' },
      h('span', { title: label }, label),
      h('span', { class: 'veml-meters' }, ...values.map((v, i) => {
        const meter = h('span', { class: 'veml-meter', title: `${names[i]}: ${number(v, 4)}` }, h('span', { style: `width:${(100 * v) / most}%;background:${SERIES[i % SERIES.length]}` }));
        const fact = model.get('opens') ? model.get('facts')?.[title] : undefined;
        if (fact && v) leads(meter, trans.__('%1, %2: %3; open its samples', names[i], label, readable(v)), () => beside.open({ selection: { version: names[i], where: { [fact]: label } } }));
        return meter;
      })),
      h('span', { class: 'n' }, values.map(readable).join(' · ')))));
  }

  const changes = ['names', 'sections', 'bars', 'title', 'kind', 'facts', 'opens'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  const heard = (message: any, buffers: DataView[]) => void beside.receive(message, buffers);
  model.on('msg:custom', heard);
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    model.off('msg:custom', heard);
    beside.dispose();
    box.dispose();
  };
}

export default { render };
