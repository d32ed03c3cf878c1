/** Notebook widget: covering balls of train, the test points, both verdicts (veml_lab/widgets/driftplot.py). */
import { Charts } from '../drawing/chart';
import { h, number, Pictures } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { look, slider } from '../drawing/looks';
import type { RenderContext } from '../drawing/model';
import { N_, trans } from '../drawing/words';
import type { DriftPlotTraits } from '../traits';

const READINGS: Record<string, string> = { paper: N_("Paper's rule: covering balls"), calibrated: N_('Calibrated test') };
const TITLES: Record<string, string> = {
  balls: N_('Covering balls of train and the test points (projected)'), distances: N_('Distance to the nearest centre'), looks: N_('What each look found and spent')
};

export function render({ model, el }: RenderContext<DriftPlotTraits>): () => void {
  const box = frame(el, 'veml-drift', trans.__('Drift report'), () => later());
  const pictures = new Pictures();
  const bar = h('div', { class: 'veml-bar' });
  const stream = h('div', { class: 'veml-looks' });
  const verdicts = h('div', { class: 'veml-verdicts' });
  const panes = h('div', { class: 'veml-panes' });
  const strip = h('div', { style: 'padding:0 10px 12px' });
  box.root.append(bar, stream, verdicts, panes, strip);
  const charts = new Charts(model, box.colours, { named: name => trans.__(TITLES[name.replace(/ \d+$/, '')] ?? name) });

  function draw(): void {
    const looks = model.get('told'), now = look(looks, model.get('look'));
    const one = looks[now] ?? { verdicts: model.get('verdicts'), worst: model.get('worst') };
    stream.hidden = !looks.length;
    if (looks.length) slider(stream, looks, model.get('look'), model.get('level'), to => {
      model.set('look', to);
      model.save_changes();
      draw();
    });
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('Drift')));
    verdicts.replaceChildren(...Object.entries(one.verdicts).map(([name, v]) => {
      const facts = Object.entries(v).filter(([k, x]) => !['drifted', 'text'].includes(k) && typeof x === 'number')
        .map(([k, x]) => `${k.replace(/_/g, ' ')} ${number(x as number)}`).join(' · ');
      return h('div', { class: 'veml-verdict', 'data-drifted': String(Boolean(v.drifted)) },
        h('div', { class: 'veml-note' }, trans.__(READINGS[name] ?? name)),
        h('div', {}, h('strong', {}, v.drifted ? trans.__('Drifted') : trans.__('No drift')), v.text ? ` – ${v.text}` : ''),
        h('div', { class: 'veml-note' }, facts));
    }));
    const all = model.get('charts');
    const shown = (looks.length ? [`balls ${now}`, `distances ${now}`, 'looks'] : ['balls', 'distances']).filter(name => name in all);
    charts.keep(shown);
    panes.replaceChildren(...shown.map(name => charts.draw(name, all[name])));
    pictures.release();
    const images = one.worst.map((bytes, i) => pictures.image(bytes, trans.__('test picture %1 farthest outside', i + 1)));
    strip.replaceChildren(...(images.length ? [h('h4', {}, trans.__('Farthest outside')), h('div', { class: 'veml-strip' }, ...images)] : []));
    box.root.dataset.ready = '1';
  }

  const changes = ['title', 'charts', 'verdicts', 'radius', 'worst', 'told', 'look', 'level'].map(n => `change:${n}`);
  let waiting = 0;
  const later = () => { // many traits change together: draw once
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  };
  changes.forEach(c => model.on(c, later));
  draw();
  return () => {
    changes.forEach(c => model.off(c, later));
    cancelAnimationFrame(waiting);
    charts.dispose();
    pictures.release();
    box.dispose();
  };
}

export default { render };
