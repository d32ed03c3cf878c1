/** Notebook widget: table of runs with filter, order and parallel coordinates (veml_lab/widgets/runs.py). */
import { h, readable } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { axis, Brushes, Cell, Line, parallel, passes } from '../drawing/parallel';
import { frame } from '../drawing/parts';
import { SERIES } from '../drawing/theme';
import { trans } from '../drawing/words';
import type { RunTableTraits } from '../traits';

const MOST_AXES = 8;
const MOST_ROWS = 500;

/** Order two cells: numbers by value, nothing last. */
export function compareCells(a: Cell, b: Cell): number {
  const none = (v: Cell) => v === null || v === undefined || v === '';
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** Fields that tell runs apart, the metric last: the axes of the parallel coordinates. */
export function telling(rows: Record<string, Cell>[], metric: string): string[] {
  const fields = [...new Set(rows.flatMap(r => Object.keys(r)))].filter(f => f !== 'name' && f !== metric);
  const varied = fields.filter(f => {
    const values = rows.map(r => r[f]).filter(v => v !== null && v !== undefined && v !== '');
    const distinct = new Set(values).size;
    // text that differs in every run says nothing as an axis
    return distinct > 1 && (values.every(v => typeof v === 'number') || distinct <= 8);
  });
  return [...varied.slice(0, MOST_AXES - 1), ...(metric ? [metric] : [])];
}

export function render({ model, el }: RenderContext<RunTableTraits>): () => void {
  const box = frame(el, 'veml-runs', trans.__('Table of runs'), () => draw());
  const search = h('input', { type: 'search', placeholder: trans.__('Filter runs'), 'aria-label': trans.__('Filter runs') });
  const note = h('span', { class: 'veml-note', 'aria-live': 'polite' });
  const title = h('span', { class: 'veml-title' });
  const clear = h('button', { type: 'button' }, trans.__('Clear ranges'));
  const plot = h('div');
  const scroll = h('div', { class: 'veml-scroll', tabindex: 0, role: 'region', 'aria-label': trans.__('Runs') });
  box.root.append(h('div', { class: 'veml-bar' }, title, search, note, h('span', { class: 'veml-space' }), clear), plot, scroll);
  const brushes: Brushes = new Map();
  let sorted = '', down = true;

  function draw(): void {
    const rows = model.get('rows'), metric = model.get('metric');
    const by = sorted || metric, turn = sorted ? down : !model.get('lower_is_better');
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const colour = new Map(rows.map((r, i) => [r.name as string, SERIES[i % SERIES.length]]));
    const chosen = new Set(model.get('selected'));
    const named = rows.filter(r => { const text = Object.values(r).join(' ').toLowerCase(); return words.every(w => text.includes(w)); });
    const lines: Line[] = named.map(r => ({ name: String(r.name), colour: colour.get(r.name as string)!, strong: chosen.has(String(r.name)), values: r }));
    const fields = telling(rows, metric);
    const axes = fields.map(f => axis(f, lines));
    const kept = lines.filter(l => passes(l, axes, brushes)).map(l => l.values);
    if (by) kept.sort((a, b) => { const order = compareCells(a[by], b[by]); const missing = a[by] === null || a[by] === undefined || b[by] === null || b[by] === undefined; return missing ? order : turn ? -order : order; });
    title.textContent = model.get('title') || trans.__('Runs');
    note.textContent = [kept.length === rows.length ? trans._n('%1 run', '%1 runs', rows.length) : trans.__('%1 of %2 runs', kept.length, rows.length), ...(chosen.size ? [trans.__('%1 chosen', chosen.size)] : [])].join(' · ');
    clear.style.display = brushes.size ? '' : 'none';
    plot.replaceChildren(...(fields.length > 1 && lines.length > 1 ? [parallel(fields, lines, brushes, draw, Math.max(600, box.root.clientWidth || 900))] : []));
    scroll.replaceChildren(table(kept, rows, metric, by, turn, colour, chosen));
    box.root.dataset.rows = String(kept.length);
    box.root.dataset.ready = '1';
  }

  function table(kept: Record<string, Cell>[], rows: Record<string, Cell>[], metric: string, by: string, turn: boolean, colour: Map<string, string>, chosen: Set<string>): HTMLElement {
    const fields = ['name', ...(metric ? [metric] : []), ...[...new Set(rows.flatMap(r => Object.keys(r)))].filter(f => f !== 'name' && f !== metric)];
    const numeric = (f: string) => rows.every(r => r[f] === null || r[f] === undefined || typeof r[f] === 'number');
    const head = h('tr', {}, h('th', {}, h('span', { class: 'veml-unseen' }, trans.__('chosen'))), ...fields.map(f => {
      const sort = h('button', { type: 'button', class: 'veml-sort' }, f.replace(/_/g, ' '), by === f ? (turn ? ' ↓' : ' ↑') : '');
      sort.onclick = () => {
        down = by === f ? !turn : numeric(f);
        sorted = f;
        draw();
        [...scroll.querySelectorAll<HTMLElement>('.veml-sort')][fields.indexOf(f)]?.focus();
      };
      return h('th', { 'aria-sort': by === f ? (turn ? 'descending' : 'ascending') : undefined, class: numeric(f) ? 'n' : '' }, sort);
    }));
    const body = kept.slice(0, MOST_ROWS).map(r => {
      const name = String(r.name);
      const pick = h('input', { type: 'checkbox', 'aria-label': trans.__('Choose %1', name) });
      pick.checked = chosen.has(name);
      pick.onchange = () => {
        const next = new Set(model.get('selected'));
        if (!next.delete(name)) next.add(name);
        model.set('selected', [...next]);
        model.save_changes();
        draw();
        scroll.querySelector<HTMLElement>(`[aria-label="${CSS.escape(trans.__('Choose %1', name))}"]`)?.focus();
      };
      return h('tr', { 'data-run': name, 'aria-selected': String(chosen.has(name)) }, h('td', {}, pick), ...fields.map(f => {
        const v = r[f];
        const said = v === null || v === undefined ? '' : readable(v);
        return f === 'name'
          ? h('td', {}, h('span', { class: 'veml-swatch', style: `background:${colour.get(name)}` }), said)
          : h('td', { class: numeric(f) ? 'n' : '', title: said.length > 24 ? said : undefined }, said.length > 40 ? `${said.slice(0, 39)}…` : said);
      }));
    });
    if (kept.length > MOST_ROWS) body.push(h('tr', {}, h('td', { colspan: fields.length + 1, class: 'veml-note' }, trans.__('and %1 more; filter to see them', kept.length - MOST_ROWS))));
    return h('table', { class: 'veml-table' }, h('thead', {}, head), h('tbody', {}, ...body));
  }

  search.oninput = draw;
  search.onkeydown = e => e.stopPropagation();
  clear.onclick = () => { brushes.clear(); draw(); };
  const changes = ['rows', 'metric', 'lower_is_better', 'selected', 'title'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    box.dispose();
  };
}

export default { render };
