/** Notebook widget: training curves, one chart a metric, live (veml_lab/widgets/curves.py). */
import { Charts, ChartSpec } from '../drawing/chart';
import { choice } from '../drawing/controls';
import { h } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { range } from '../drawing/scale';
import type { RenderContext } from '../drawing/model';
import { count as inWords, N_, trans } from '../drawing/words';
import type { TrainingCurvesTraits } from '../traits';

type Span = [number, number];
type Specs = Record<string, ChartSpec>;
const HOLD = 300; // ms between two questions of a run that grows
const SMOOTH = [1, 5, 20, 100, 1000];
const AXES: Record<string, string> = { step: N_('by step'), epoch: N_('by epoch'), seconds: N_('by time') };

export function render({ model, el }: RenderContext<TrainingCurvesTraits>): () => void {
  const box = frame(el, 'veml-curves', 'Training curves', () => draw());
  const keys = h('span', { style: 'display:contents' });
  const tools = h('span', { class: 'veml-curvetools' });
  const note = h('span', { class: 'veml-note', role: 'status' });
  const from = h('input', { type: 'number', step: 'any', 'aria-label': trans.__('First step shown'), style: 'width:90px' });
  const to = h('input', { type: 'number', step: 'any', 'aria-label': trans.__('Last step shown'), style: 'width:90px' });
  const all = h('button', { type: 'button', title: trans.__('Show every step again (double click on a chart does too)') }, trans.__('All steps'));
  const steps = h('span', { class: 'veml-note' }, trans.__('Steps'), ' ', from, ' – ', to, ' ', all);
  const bar = h('div', { class: 'veml-bar' }, h('span', { class: 'veml-title' }, trans.__('Training')), keys, h('span', { class: 'veml-space' }), note, tools, steps);
  const panes = h('div', { class: 'veml-panes', style: 'padding-top:10px' });
  const figuresHead = h('summary'), figuresPanes = h('div', { class: 'veml-panes' });
  const figures = h('details', { class: 'veml-figures' }, figuresHead, figuresPanes); // last and folded: they say nothing of the model
  figures.ontoggle = () => draw();
  const empty = h('div', { class: 'veml-empty' }, trans.__('No training has reported yet.'));
  box.root.append(bar, empty, panes, figures);
  const charts = new Charts(model, box.colours, { zoomed: span => { if (String(span) !== String(zoom)) show(span); } });
  const hidden = new Set<string>();
  let zoom: Span | null = null, got: Specs | null = null, request = 0, timer = 0, problem = '';
  let x = 'step', smooth = 1, bands = false, log = false;

  const otherwise = (): boolean => x !== 'step' || smooth !== 1 || bands;
  const drawn = (): Specs => got ?? (model.get('charts') as Specs);

  /** Show a part of the steps: at once from the points that are here, then from those that the kernel sends. */
  function show(span: Span | null): void {
    zoom = span;
    if (!otherwise()) got = null;
    ask();
    draw();
  }
  function ask(): void {
    problem = '';
    request++; // an answer under way is for another part
    if (otherwise() || (zoom && model.get('coarse'))) model.send({ type: 'charts', request, x, smooth, bands, ...(zoom ? { from: zoom[0], to: zoom[1] } : {}) });
    else got = null;
  }
  const receive = (answer: { type: string; request: number; message?: string; charts: Specs }): void => {
    if (answer.request !== request) return;
    if (answer.type === 'charts') got = answer.charts;
    else problem = trans.__('Not drawn anew: %1', answer.message ?? answer.type);
    draw();
  };
  function typed(): void {
    const a = from.valueAsNumber, b = to.valueAsNumber;
    if (Number.isFinite(a) && Number.isFinite(b) && a < b) show([a, b]);
    else draw();
  }
  from.onchange = typed;
  to.onchange = typed;
  all.onclick = () => show(null);

  function controls(): void {
    const toggle = (text: string, on: boolean, title: string, change: () => void) => {
      const button = h('button', { type: 'button', 'aria-pressed': String(on), title }, text);
      button.onclick = () => { change(); controls(); [...tools.querySelectorAll('button')].find(b => b.textContent === text)?.focus(); };
      return button;
    };
    const axes = model.get('axes') ?? [];
    const smoothing = SMOOTH.filter(n => n === 1 || n <= (model.get('points') ?? 0) / 4);
    tools.replaceChildren(
      ...(axes.length > 1 ? [choice(trans.__('Axis'), axes.map((a): [string, string] => [a, trans.__(AXES[a] ?? a)]), x, a => { x = a; zoom = null; again(); })] : []),
      ...(smoothing.length > 1 ? [choice(trans.__('Smoothing'), smoothing.map((n): [string, string] => [String(n), n === 1 ? trans.__('as recorded') : trans.__('mean of %1', n)]), String(smooth), n => { smooth = Number(n); again(); })] : []),
      ...(model.get('grouped') ? [toggle(trans.__('Bands'), bands, trans.__('Runs that differ in their seed alone as one band, smallest to largest'), () => { bands = !bands; hidden.clear(); again(); })] : []),
      toggle(trans.__('Log'), log, trans.__('Values on a logarithmic axis'), () => { log = !log; draw(); }));
  }
  function again(): void {
    ask();
    draw();
  }

  function draw(): void {
    const specs = drawn();
    const metrics = Object.keys(specs);
    const system = metrics.filter(m => (model.get('system') ?? []).includes(m));
    const lines = metrics.flatMap(m => specs[m].data).filter(t => t.meta?.role === 'line');
    name([...new Map(lines.map(t => [t.meta.run as string, t])).values()]);
    const shown = metrics.filter(m => !system.includes(m) || figures.open);
    charts.keep(shown);
    const one = (m: string) => {
      const spec = specs[m];
      const data = spec.data.map(t => (hidden.has(t.meta?.run) ? { ...t, visible: false } : t));
      const layout = {
        ...spec.layout, showlegend: false, uirevision: `${x} ${zoom}`, margin: { l: 60, r: 14, t: 8, b: 44 }, height: 260,
        xaxis: { ...spec.layout.xaxis, ...(zoom ? { range: zoom, autorange: false } : { autorange: true }) }, yaxis: { ...spec.layout.yaxis, type: log ? 'log' : 'linear' }
      };
      return charts.draw(m, { data, layout });
    };
    panes.replaceChildren(...metrics.filter(m => !system.includes(m)).map(one));
    figures.hidden = !system.length;
    figuresHead.textContent = trans.__('Figures of the machine: %1', system.join(', '));
    figuresPanes.replaceChildren(...(figures.open ? system.map(one) : []));
    empty.hidden = metrics.length > 0;
    steps.hidden = tools.hidden = !metrics.length;
    all.disabled = !zoom;
    const every = range(metrics.flatMap(m => specs[m].layout.meta?.span ?? []));
    [from.value, to.value] = (zoom ?? every).map(v => String(Number(v.toPrecision(9))));
    note.textContent = problem || (model.get('coarse') && !(zoom && got) ? trans.__('%1 points, drawn by their extremes; drag over a chart to see a part', inWords(model.get('points'))) : '');
    box.root.dataset.finer = String(Boolean(zoom && got));
    box.root.dataset.lines = String(lines.filter(t => !hidden.has(t.meta.run)).length);
    box.root.dataset.ready = '1';
  }

  /** The keys that show and hide a run; the same elements while the runs stay, they may have the focus. */
  function name(lines: any[]): void {
    const runs = lines.map(t => t.meta.run as string);
    const known = [...keys.children] as HTMLElement[];
    if (known.map(k => k.dataset.run).join('\n') !== runs.join('\n')) keys.replaceChildren(...lines.map(t => {
      const run = t.meta.run as string;
      const style = { dash: 'dashed', dot: 'dotted', dashdot: 'dashed', longdash: 'dashed' }[t.line.dash as string] ?? 'solid';
      const key = h('button', { type: 'button', 'data-run': run, title: trans.__('Show or hide this run') },
        h('span', { style: `display:inline-block;width:18px;border-top:3px ${style} ${t.line.color};margin-right:6px;vertical-align:middle` }), run);
      key.onclick = () => {
        if (!hidden.delete(run)) hidden.add(run);
        draw();
      };
      return key;
    }));
    for (const key of keys.children) key.setAttribute('aria-pressed', String(!hidden.has((key as HTMLElement).dataset.run!)));
  }

  function changed(): void {
    if (!otherwise() && !zoom) got = null;
    controls();
    draw();
    window.clearTimeout(timer);
    if (zoom || otherwise()) timer = window.setTimeout(ask, HOLD); // what is shown may have grown
  }
  const changes = ['charts', 'points', 'axes', 'grouped'].map(n => `change:${n}`);
  let pending = 0;
  const later = () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(changed); };
  changes.forEach(c => model.on(c, later));
  model.on('msg:custom', receive);
  controls();
  draw();
  return () => {
    window.clearTimeout(timer);
    cancelAnimationFrame(pending);
    changes.forEach(c => model.off(c, later));
    model.off('msg:custom', receive);
    charts.dispose();
    box.dispose();
  };
}

export default { render };
