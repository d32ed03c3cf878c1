/** A figure of Plotly in the look of its page: theme, events, keys, pictures and numbers to save. */
import { h, number } from './dom';
import type { WidgetModel } from './model';
import { PlotHost, Plotly, plotly } from './plotly';
import type { Palette } from './theme';
import { trans } from './words';

/** As veml_lab/figures writes it. */
export interface ChartSpec { data: any[]; layout: any }

/** What a reader clicked or selected: the value of the trait `event`, and the detail of the DOM event. */
export interface ChartEvent {
  event: 'click' | 'select';
  chart: string;
  trace: number;
  /** indices in the trace */
  points: number[];
  /** what the figure says of each of them; [] where it says nothing */
  customdata: unknown[];
  /** how many events there were: the same click twice is two */
  count: number;
}
export const CHART_EVENT = 'veml-chart';
const EVENT_NAME = 'event';
let events = 0;

export interface ChartActions {
  /** a part of the x axis was chosen by dragging; null: all of it again */
  zoomed?: (span: [number, number] | null) => void;
  /** what stands above a chart; '' for nothing. Unless given, its name */
  named?: (name: string) => string;
  /** something was clicked or selected */
  told?: (said: ChartEvent) => void;
  /** a range along an axis of parallel coordinates was drawn or cleared: by axis, as shares of it where none is null */
  brushed?: (ranges: (unknown[] | null)[]) => void;
}

/** The template of the page's own colours; as `template` in veml_lab/figures/look.py. */
export function template(c: Palette): object {
  const axis = { gridcolor: c.line, zerolinecolor: c.line, linecolor: c.line, tickcolor: c.line, ticks: 'outside' };
  return {
    layout: {
      font: { family: c.font, size: 12, color: c.text }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
      xaxis: axis, yaxis: axis, legend: { orientation: 'h', yanchor: 'bottom', y: 1.02, x: 0 },
      hoverlabel: { align: 'left', bgcolor: c.surface, bordercolor: c.line, font: { color: c.text } },
      margin: { l: 60, r: 20, t: 40, b: 50 }, modebar: { color: c.muted, activecolor: c.text }
    }
  };
}

/** The titles of axes and notes in the language of the page. */
function inWords(layout: any): any {
  const out: any = { ...layout };
  for (const key of Object.keys(layout)) {
    const title = /^(x|y|color)axis\d*$/.test(key) && layout[key].title?.text;
    if (title) out[key] = { ...layout[key], title: { ...layout[key].title, text: trans.__(title) } };
  }
  return out;
}

/** Numbers that plotly.js takes packed: typed arrays in base64. */
export function values(given: any): unknown[] {
  if (!given) return [];
  if (Array.isArray(given)) return given;
  if (typeof given === 'object' && typeof given.bdata === 'string') {
    const bytes = Uint8Array.from(atob(given.bdata), c => c.charCodeAt(0)).buffer;
    const kinds: Record<string, any> = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array, i1: Int8Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
    return [...new kinds[given.dtype](bytes)];
  }
  return [...given];
}

/** All numbers of a figure as comma-separated lines: one a point. */
export function csv(spec: ChartSpec): string {
  const cell = (v: unknown) => {
    const text = v === null || v === undefined || Number.isNaN(v) ? '' : String(v);
    // a spreadsheet takes what begins so for a formula
    const safe = /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const lines = [['trace', 'x', 'y', 'value']];
  spec.data.forEach((t, k) => {
    const name = unsaid(String(t.meta?.run ?? t.name ?? t.type ?? k)) + (t.meta?.role && t.meta.role !== 'line' ? ` (${t.meta.role})` : '');
    if (t.type === 'parcoords') {
      t.dimensions.forEach((d: any) => values(d.values).forEach((v, i) => lines.push([String(t.customdata?.[i] ?? i), unsaid(d.label), String(v), ''])));
      return;
    }
    const xs = values(t.x), ys = values(t.y), columns = xs.length;
    if (t.z) {
      const shaped = Array.isArray(t.z) ? t.z : rows(values(t.z) as number[], columns);
      shaped.forEach((row: unknown[], i: number) => row.forEach((v, j) => lines.push([name, unsaid(String(xs[j] ?? j)), unsaid(String(ys[i] ?? i)), v as string])));
    } else xs.forEach((x, i) => lines.push([name, typeof x === 'string' ? unsaid(x) : x as string, typeof ys[i] === 'string' ? unsaid(ys[i] as string) : ys[i] as string, '']));
  });
  return `${lines.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

const rows = (flat: number[], width: number) => Array.from({ length: flat.length / (width || 1) }, (_, i) => flat.slice(i * width, (i + 1) * width));

/** A name as it was before it was written for plotly; as `unsaid` in look.py. */
export const unsaid = (words: string) => words.replace(/&#123;/g, '{').replace(/&gt;/g, '>').replace(/&lt;/g, '<').replace(/&amp;/g, '&');

export class Chart {
  readonly node: HTMLElement;
  private readonly host: HTMLElement;
  private readonly told = h('p', { class: 'veml-unseen', 'aria-live': 'polite' });
  private library: Plotly | null = null;
  private spec: ChartSpec | null = null;
  private gone = false;
  private turn = 0;
  private at: [number, number] = [0, -1];
  private readonly watch: ResizeObserver;

  constructor(readonly name: string, private readonly model: WidgetModel<any>, private readonly colours: () => Palette, private readonly act: ChartActions = {}) {
    this.host = h('div', { class: 'veml-plot', tabindex: 0, role: 'application', 'aria-roledescription': trans.__('chart') });
    const tools = h('span', { class: 'veml-charttools' }, ...(['PNG', 'SVG', 'CSV'] as const).map(kind => {
      const button = h('button', { type: 'button', title: trans.__('Save as %1', kind) }, kind);
      button.onclick = () => void this.save(kind);
      return button;
    }));
    const wide = h('button', { type: 'button', 'aria-pressed': 'false', title: trans.__('As wide as the page') }, trans.__('Wide'));
    wide.onclick = () => {
      const on = this.node.classList.toggle('veml-wide');
      wide.setAttribute('aria-pressed', String(on));
      this.resize();
    };
    tools.append(wide);
    const titled = (act.named ?? (said => said))(name);
    this.node = h('figure', { class: 'veml-chart', 'data-chart': name }, h('div', { class: 'veml-charthead' }, ...(titled ? [h('h4', {}, titled)] : []), tools), this.host, this.told);
    this.host.onkeydown = e => this.key(e);
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.node);
  }

  /** Draw the figure; what a reader zoomed into stays. */
  async show(spec: ChartSpec, change: object = {}): Promise<void> {
    this.spec = spec;
    const mine = ++this.turn;
    this.host.setAttribute('aria-label', spec.layout.meta?.says || unsaid(this.name));
    if (!this.library) this.host.dataset.waiting = trans.__('Drawing…');
    try {
      const library = await plotly(this.model);
      if (this.gone || mine !== this.turn) return;
      const first = !this.library;
      this.library = library;
      const layout = { height: 300, autosize: true, uirevision: 'kept', ...inWords(spec.layout), ...change, template: template(this.colours()) };
      const host = await library.react(this.host, this.readable(spec.data), layout, { displayModeBar: false, displaylogo: false, responsive: false, typesetMath: false, doubleClick: 'reset', showTips: false });
      if (first) this.listen(host);
      this.node.dataset.traces = String(spec.data.filter(t => t.visible !== false).length);
      this.node.dataset.points = String(spec.data.reduce((n, t) => n + values(t.x).length, 0));
      this.node.dataset.ready = '1';
      delete this.host.dataset.waiting;
    } catch (e) {
      delete this.host.dataset.waiting;
      if (!this.gone) this.host.replaceChildren(h('p', { role: 'alert', class: 'veml-error' }, trans.__('This chart cannot be drawn: %1', (e as Error).message)));
    }
  }

  dispose(): void {
    this.gone = true;
    this.watch.disconnect();
    this.library?.purge(this.host);
    this.node.remove();
  }

  /** The words of faint cells are read on the ground of the page, which plotly takes for white. */
  private readable(data: any[]): any[] {
    const c = this.colours();
    return c.dark ? data.map(t => (t.type === 'heatmap' && t.texttemplate && !t.textfont ? { ...t, textfont: { color: c.text } } : t)) : data;
  }

  private resize(): void {
    if (this.library && this.host.clientWidth) this.library.Plots.resize(this.host);
  }

  private listen(host: PlotHost): void {
    host.on('plotly_click', said => this.tell('click', said.points));
    host.on('plotly_selected', said => { if (said?.points?.length) this.tell('select', said.points); });
    host.on('plotly_relayout', said => {
      const low = said['xaxis.range[0]'] ?? said['xaxis.range']?.[0], high = said['xaxis.range[1]'] ?? said['xaxis.range']?.[1];
      if (typeof low === 'number' && typeof high === 'number') this.act.zoomed?.([low, high]);
      else if (said['xaxis.autorange']) this.act.zoomed?.(null);
    });
    host.on('plotly_restyle', () => {
      const axes = (host as any).data?.[0]?.dimensions;
      if (axes) this.act.brushed?.(axes.map((a: any) => a.constraintrange ?? null));
    });
  }

  /** One event for each trace that has points in it: a selection may span several. */
  private tell(kind: 'click' | 'select', points: any[]): void {
    const indices = (p: any): number[] => (Array.isArray(p.pointNumber) ? [p.pointNumber[0] * (this.spec?.data[p.curveNumber]?.x?.length ?? 1) + p.pointNumber[1]] : [p.pointNumber ?? p.pointIndex]);
    const traces = [...new Set(points.map(p => p.curveNumber as number))];
    for (const trace of kind === 'click' ? traces.slice(0, 1) : traces) {
      const own = points.filter(p => p.curveNumber === trace).slice(0, kind === 'click' ? 1 : undefined);
      const customdata = own.some(p => p.customdata !== undefined) ? own.map(p => p.customdata ?? null) : [];
      const said: ChartEvent = { event: kind, chart: this.name, trace, points: own.flatMap(indices), customdata, count: ++events };
      this.model.set(EVENT_NAME, said);
      this.model.save_changes();
      this.act.told?.(said);
      this.node.dispatchEvent(new CustomEvent(CHART_EVENT, { detail: said, bubbles: true, composed: true }));
    }
  }

  /** Arrows go from point to point and from trace to trace, Enter is a click. */
  private key(e: KeyboardEvent): void {
    const step: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const data = this.spec?.data ?? [];
    if (!data.length || !this.library || !(step[e.key] || e.key === 'Enter')) return;
    e.preventDefault();
    e.stopPropagation();
    const [trace, point] = this.at;
    const told = this.words(trace, point);
    if (e.key === 'Enter') {
      if (told) this.tell('click', [{ curveNumber: trace, pointNumber: this.place(trace, point), customdata: this.said(trace, point) }]);
      return;
    }
    const next = Math.max(0, Math.min(data.length - 1, trace + step[e.key][0]));
    const many = this.length(next);
    this.at = [next, Math.max(0, Math.min(many - 1, next === trace ? point + step[e.key][1] : Math.max(point, 0)))];
    try {
      this.library.Fx.hover(this.host, [{ curveNumber: this.at[0], pointNumber: this.place(...this.at) }]);
    } catch { /* a trace without hover: what it says is told all the same */ }
    this.told.textContent = this.words(...this.at);
  }

  private length(trace: number): number {
    const t = this.spec?.data[trace];
    return t?.z ? values(t.x).length * values(t.y).length : values(t?.x).length;
  }
  private place(trace: number, point: number): number | [number, number] {
    const t = this.spec!.data[trace];
    const columns = values(t.x).length;
    return t.z ? [Math.floor(point / columns), point % columns] : point;
  }
  private said(trace: number, point: number): unknown {
    const t = this.spec!.data[trace], at = this.place(trace, point);
    return Array.isArray(at) ? t.customdata?.[at[0]]?.[at[1]] : t.customdata ? values(t.customdata)[point] : undefined;
  }
  private words(trace: number, point: number): string {
    const t = this.spec?.data[trace];
    if (!t || point < 0) return '';
    const show = (v: unknown) => (typeof v === 'number' ? number(v, 4) : unsaid(String(v)));
    const at = this.place(trace, point), xs = values(t.x), ys = values(t.y);
    if (!Array.isArray(at)) return `${unsaid(String(t.name ?? ''))} ${show(xs[point])}: ${show(ys[point])}`.trim();
    if (t.hovertext) return unsaid(String(t.hovertext[at[0]]?.[at[1]] ?? ''));
    const z = Array.isArray(t.z) ? t.z[at[0]][at[1]] : values(t.z)[point];
    return `${show(ys[at[0]])} – ${show(xs[at[1]])}: ${show(z)}`;
  }

  private async save(kind: 'PNG' | 'SVG' | 'CSV'): Promise<void> {
    if (!this.spec || !this.library) return;
    const name = String(this.spec.layout.meta?.name || 'figure').replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 60);
    const link = h('a', { download: `${name}.${kind.toLowerCase()}` });
    if (kind === 'CSV') link.href = URL.createObjectURL(new Blob([csv(this.spec)], { type: 'text/csv' }));
    else link.href = await this.library.toImage(this.host, { format: kind.toLowerCase(), width: this.host.clientWidth || 900, height: this.host.clientHeight || 400, scale: kind === 'PNG' ? 2 : 1 });
    link.click();
    if (kind === 'CSV') window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}

/** The charts of a drawing by their names: kept while their figure stays, made and let go as figures come and go. */
export class Charts {
  private readonly made = new Map<string, Chart>();
  constructor(private readonly model: WidgetModel<any>, private readonly colours: () => Palette, private readonly act: ChartActions = {}) {}

  /** The element of a chart, which is drawn anew. */
  draw(name: string, spec: ChartSpec, change: object = {}): HTMLElement {
    let chart = this.made.get(name);
    if (!chart) this.made.set(name, (chart = new Chart(name, this.model, this.colours, this.act)));
    void chart.show(spec, change);
    return chart.node;
  }
  /** Let all go but these. */
  keep(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const [name, chart] of [...this.made]) {
      if (kept.has(name)) continue;
      chart.dispose();
      this.made.delete(name);
    }
  }
  dispose(): void { this.keep([]); }
}
