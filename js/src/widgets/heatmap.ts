/** Notebook widget: distances between sets, switchable by measure (veml_lab/widgets/heatmap.py). */
import { Charts } from '../drawing/chart';
import { h, number, Pictures } from '../drawing/dom';
import { choice } from '../drawing/controls';
import { offerLine } from '../drawing/lines';
import { frame, segments } from '../drawing/parts';
import { donorsOf, transferLine } from '../drawing/tree';
import type { RenderContext } from '../drawing/model';
import { trans } from '../drawing/words';
import type { SimilarityHeatmapTraits } from '../traits';

export function render({ model, el }: RenderContext<SimilarityHeatmapTraits>): () => void {
  const box = frame(el, 'veml-heat', 'Similarity of sets', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const plot = h('div', { class: 'veml-scroll' });
  const faces = h('div', { class: 'veml-faces', 'aria-live': 'polite' });
  const donors = h('div', { class: 'veml-donors' });
  box.root.append(bar, plot, donors, faces);
  const pictures = new Pictures();
  const charts = new Charts(model, box.colours, {
    named: () => '',
    told: said => { if (said.event === 'click' && Array.isArray(said.customdata[0])) choose(...(said.customdata[0] as [string, string])); }
  });

  function draw(): void {
    const names = model.get('names');
    const measures = model.get('measures');
    const known = Object.keys(measures);
    const measure = known.includes(model.get('measure')) ? model.get('measure') : known[0];
    bar.replaceChildren(
      h('span', { class: 'veml-title' }, trans.__('Distance between sets')),
      segments(trans.__('Measure'), known, measure, name => {
        model.set('measure', name);
        model.save_changes();
        draw();
      }),
      choice(trans.__('Target: rank its donors'), [['', trans.__('Donors for …')], ...names.map((n): [string, string] => [n, trans.__('Donors for %1', n)])], model.get('target'), aim),
      h('span', { class: 'veml-space' }),
      h('span', { class: 'veml-note' }, trans.__('outlined: the nearest of its row')));
    charts.keep([measure]);
    if (!measure || !names.length) {
      plot.replaceChildren(h('div', { class: 'veml-empty' }, trans.__('No distances yet.')));
      donors.hidden = true;
      return showFaces();
    }
    const spec = model.get('charts')[measure];
    if (spec) plot.replaceChildren(charts.draw(measure, { ...spec, layout: { ...spec.layout, margin: { l: 20, r: 20, t: 20, b: 20 } } }));
    const matrix = measures[measure];
    rank(names, measure, matrix);
    box.root.dataset.ready = '1';
    box.root.dataset.measure = measure;
    showFaces();
  }

  function aim(name: string): void {
    model.set('target', name);
    model.save_changes();
    draw();
  }

  /** The donors of the target by the measure shown, each with the line that transfers its lifecycle. */
  function rank(names: string[], measure: string, matrix: number[][]): void {
    const target = model.get('target');
    donors.hidden = !names.includes(target);
    if (donors.hidden) return;
    const lines = model.get('lines');
    const found = donorsOf(names, matrix, target);
    const half = model.get('errors')[measure]?.[names.indexOf(target)];
    const told = h('span', { class: 'veml-note', role: 'status' });
    const rows = found.map(({ name, value, index }, i) => {
      const code = transferLine(model.get('transfer'), lines[name], lines[target]);
      const act = h('td');
      if (code && model.get('offers')) {
        const button = h('button', { type: 'button', title: code, 'aria-label': trans.__('Transfer from %1 to %2', name, target) }, trans.__('Transfer'));
        button.onclick = () => {
          told.textContent = offerLine(button, code) ? trans.__('The line stands in a cell.') : trans.__('No notebook takes the line here; copy it: %1', code);
        };
        act.append(button);
      }
      return h('tr', { 'data-donor': name }, h('td', {}, String(i + 1)), h('th', { scope: 'row' }, name),
        h('td', { class: 'n' }, number(value) + (half?.[index] ? ` ± ${number(half[index], 2)}` : '')),
        h('td', {}, lines[name]?.said ?? trans.__('no lifecycle yet')), act, h('td', {}, ...(code ? [h('code', {}, code)] : [])));
    });
    const head = ['', trans.__('data'), measure, trans.__('best lifecycle'), '', trans.__('the line')].map(w => h('th', { scope: 'col' }, w));
    donors.replaceChildren(h('h4', {}, trans.__('Donors for %1, the nearest by %2 first', target, measure)),
      h('table', { class: 'veml-table' }, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...rows)),
      h('p', { class: 'veml-note' }, `${trans.__('The nearest may still be far: veml.most_similar says whether a transfer is advised.')} `, told));
  }

  function choose(a: string, b: string): void {
    model.set('selected', [a, b]);
    model.save_changes();
    showFaces();
  }

  function showFaces(): void {
    pictures.release();
    const chosen = model.get('selected').slice(0, 2);
    const all = model.get('pictures');
    faces.style.display = chosen.length ? '' : 'none';
    faces.replaceChildren(...(chosen[0] === chosen[1] ? chosen.slice(0, 1) : chosen).map(name => {
      const strip = h('div', { class: 'veml-strip' });
      (all[name] ?? []).forEach((bytes, i) => strip.append(pictures.image(bytes, trans.__('core set of %1, picture %2', name, i + 1))));
      if (!strip.childElementCount) strip.append(h('span', { class: 'veml-note' }, trans.__('no pictures were given for this set')));
      return h('div', {}, h('h4', {}, trans.__('Core set of %1', name)), strip);
    }));
  }

  const changes = ['names', 'charts', 'measures', 'errors', 'measure', 'pictures', 'target', 'lines', 'transfer', 'offers'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  model.on('change:selected', showFaces);
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    model.off('change:selected', showFaces);
    pictures.release();
    charts.dispose();
    box.dispose();
  };
}

export default { render };
