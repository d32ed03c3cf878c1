/** Notebook widget: table of runs with filter, order and parallel coordinates (veml_lab/widgets/runs.py). */
import { Charts, ChartSpec, unsaid, values } from '../drawing/chart';
import { h, readable } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { trans } from '../drawing/words';
import type { RunTableTraits } from '../traits';

const MOST_ROWS = 500;
export type Cell = string | number | boolean | null | undefined;
/** Ranges along the axes of the parallel coordinates, by field; several on one axis are taken together. */
export type Brushes = Map<string, [number, number][]>;

/** Order two cells: numbers by value, nothing last. */
export function compareCells(a: Cell, b: Cell): number {
  const none = (v: Cell) => v === null || v === undefined || v === '';
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** The runs of a figure of parallel coordinates that pass through every range. */
export function passing(spec: ChartSpec | undefined, brushes: Brushes): Set<string> | null {
  const trace = spec?.data[0];
  if (!trace || !brushes.size) return null;
  const names = values(trace.customdata) as string[];
  const axes = trace.dimensions.map((d: any) => ({ ranges: brushes.get(unsaid(d.label)), values: values(d.values) as number[] }));
  return new Set(names.filter((_, i) => axes.every((a: any) => !a.ranges || a.ranges.some(([low, high]: number[]) => a.values[i] >= low && a.values[i] <= high))));
}

/** The figure with these runs alone. */
export function only(spec: ChartSpec, kept: Set<string>): ChartSpec {
  const trace = spec.data[0];
  const at = (values(trace.customdata) as string[]).flatMap((name, i) => (kept.has(name) ? [i] : []));
  const some = (given: any) => { const all = values(given); return at.map(i => all[i]); };
  const dimensions = trace.dimensions.map((d: any) => {
    const all = (values(d.values) as number[]).filter(Number.isFinite);
    return { ...d, values: some(d.values), range: d.range ?? [Math.min(...all), Math.max(...all)] };
  });
  return { ...spec, data: [{ ...trace, customdata: some(trace.customdata), dimensions, line: { ...trace.line, color: some(trace.line.color) } }] };
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
  const charts = new Charts(model, box.colours, {
    named: () => '',
    brushed: ranges => {
      const axes = (model.get('charts').runs?.data[0].dimensions ?? []) as { label: string }[];
      brushes.clear();
      ranges.forEach((r, i) => { if (r?.length) brushes.set(unsaid(axes[i].label), (Array.isArray(r[0]) ? r : [r]) as [number, number][]); });
      list();
    }
  });
  let named: Record<string, Cell>[] = [];
  let sorted = '', down = true;

  function draw(): void {
    const rows = model.get('rows');
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    named = rows.filter(r => { const text = Object.values(r).join(' ').toLowerCase(); return words.every(w => text.includes(w)); });
    title.textContent = model.get('title') || trans.__('Runs');
    const spec = model.get('charts').runs;
    const shown = spec && rows.length > 1 ? (named.length < rows.length ? only(spec, new Set(named.map(r => String(r.name)))) : spec) : null;
    charts.keep(shown ? ['runs'] : []);
    if (shown) {
      const { title: _, ...layout } = shown.layout; // it stands in the bar already
      plot.replaceChildren(charts.draw('runs', { data: shown.data, layout: { ...layout, margin: { l: 70, r: 40, t: 40, b: 20 } } }));
    } else plot.replaceChildren();
    list();
  }

  /** The rows that pass the search and the ranges. */
  function list(): void {
    const rows = model.get('rows'), metric = model.get('metric');
    const by = sorted || metric, turn = sorted ? down : !model.get('lower_is_better');
    const chosen = new Set(model.get('selected'));
    const through = passing(model.get('charts').runs, brushes);
    const fields = [...brushes.keys()]; // a run without a value passes no range of it
    const kept = named.filter(r => !through || (through.has(String(r.name)) && fields.every(f => r[f] !== null && r[f] !== undefined)));
    if (by) kept.sort((a, b) => { const order = compareCells(a[by], b[by]); const missing = a[by] === null || a[by] === undefined || b[by] === null || b[by] === undefined; return missing ? order : turn ? -order : order; });
    note.textContent = [kept.length === rows.length ? trans._n('%1 run', '%1 runs', rows.length) : trans.__('%1 of %2 runs', kept.length, rows.length), ...(chosen.size ? [trans.__('%1 chosen', chosen.size)] : [])].join(' · ');
    clear.style.display = brushes.size ? '' : 'none';
    scroll.replaceChildren(table(kept, rows, metric, by, turn, chosen));
    box.root.dataset.rows = String(kept.length);
    box.root.dataset.ready = '1';
  }

  function table(kept: Record<string, Cell>[], rows: Record<string, Cell>[], metric: string, by: string, turn: boolean, chosen: Set<string>): HTMLElement {
    const fields = ['name', ...(metric ? [metric] : []), ...[...new Set(rows.flatMap(r => Object.keys(r)))].filter(f => f !== 'name' && f !== metric)];
    const numeric = (f: string) => rows.every(r => r[f] === null || r[f] === undefined || typeof r[f] === 'number');
    const head = h('tr', {}, h('th', {}, h('span', { class: 'veml-unseen' }, trans.__('chosen'))), ...fields.map(f => {
      const sort = h('button', { type: 'button', class: 'veml-sort' }, f.replace(/_/g, ' '), by === f ? (turn ? ' ↓' : ' ↑') : '');
      sort.onclick = () => {
        down = by === f ? !turn : numeric(f);
        sorted = f;
        list();
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
        list();
        scroll.querySelector<HTMLElement>(`[aria-label="${CSS.escape(trans.__('Choose %1', name))}"]`)?.focus();
      };
      return h('tr', { 'data-run': name, 'aria-selected': String(chosen.has(name)) }, h('td', {}, pick), ...fields.map(f => {
        const v = r[f];
        const said = v === null || v === undefined ? '' : readable(v);
        return f === 'name'
          ? h('td', {}, said)
          : h('td', { class: numeric(f) ? 'n' : '', title: said.length > 24 ? said : undefined }, said.length > 40 ? `${said.slice(0, 39)}…` : said);
      }));
    });
    if (kept.length > MOST_ROWS) body.push(h('tr', {}, h('td', { colspan: fields.length + 1, class: 'veml-note' }, trans.__('and %1 more; filter to see them', kept.length - MOST_ROWS))));
    return h('table', { class: 'veml-table' }, h('thead', {}, head), h('tbody', {}, ...body));
  }

  search.oninput = draw;
  search.onkeydown = e => e.stopPropagation();
  clear.onclick = () => { brushes.clear(); charts.keep([]); draw(); };
  const changes = ['rows', 'charts', 'metric', 'lower_is_better', 'selected', 'title'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    charts.dispose();
    box.dispose();
  };
}

export default { render };
