/** Notebook widget: training curves, one small chart a metric, live (veml_lab/widgets/curves.py). */
import { h, number, s } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { range, tick, ticks } from '../drawing/scale';
import { SERIES } from '../drawing/theme';
import type { RenderContext } from '../drawing/model';
import type { TrainingCurvesTraits } from '../traits';

type Point = [number, number];
const W = 420, H = 220, LEFT = 44, RIGHT = 10, TOP = 8, BOTTOM = 30;

export function render({ model, el }: RenderContext<TrainingCurvesTraits>): () => void {
  const box = frame(el, 'veml-curves', 'Training curves', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const panes = h('div', { class: 'veml-panes', style: 'padding-top:10px' });
  const tip = h('div', { class: 'veml-tip', style: 'display:none' });
  box.root.style.position = 'relative';
  box.root.append(bar, panes, tip);
  const hidden = new Set<string>();

  function draw(): void {
    const runs = model.get('runs');
    const names = Object.keys(runs);
    const colour = (run: string) => SERIES[names.indexOf(run) % SERIES.length];
    bar.replaceChildren(h('span', { class: 'veml-title' }, 'Training'), ...names.map(run => {
      const key = h('button', { type: 'button', 'aria-pressed': String(!hidden.has(run)), title: 'Show or hide this run' },
        h('span', { style: `display:inline-block;width:14px;height:3px;border-radius:2px;margin-right:6px;vertical-align:middle;background:${colour(run)}` }), run);
      key.onclick = () => {
        if (!hidden.delete(run)) hidden.add(run);
        draw();
      };
      return key;
    }));
    const metrics = [...new Set(names.flatMap(r => Object.keys(runs[r])))];
    const shown = names.filter(r => !hidden.has(r));
    panes.replaceChildren(...metrics.map(m => chart(m, shown.filter(r => runs[r][m]?.length).map(r => ({ run: r, colour: colour(r), points: runs[r][m] as Point[] })))));
    if (!metrics.length) panes.replaceChildren(h('div', { class: 'veml-empty' }, 'No training has reported yet.'));
    box.root.dataset.ready = '1';
  }

  function chart(metric: string, lines: { run: string; colour: string; points: Point[] }[]): HTMLElement {
    const all = lines.flatMap(l => l.points).filter(p => Number.isFinite(p[1]));
    const xs = all.map(p => p[0]), ys = all.map(p => p[1]);
    const x0 = range(xs)[0], x1 = Math.max(range(xs)[1], x0 + 1e-9);
    let [y0, y1] = range(ys);
    const pad = (y1 - y0 || Math.abs(y1) || 1) * 0.06;
    y0 = y0 >= 0 ? Math.max(0, y0 - pad) : y0 - pad;
    y1 += pad;
    const px = (x: number) => LEFT + ((x - x0) / (x1 - x0)) * (W - LEFT - RIGHT);
    const py = (y: number) => H - BOTTOM - ((y - y0) / (y1 - y0)) * (H - TOP - BOTTOM);
    const svg = s('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': `${metric}: ${lines.map(l => `${l.run} ends at ${number(l.points[l.points.length - 1][1])}`).join(', ') || 'nothing yet'}` });
    if (all.length) {
      for (const t of ticks(y0, y1)) {
        svg.append(s('line', { x1: LEFT, x2: W - RIGHT, y1: py(t), y2: py(t), stroke: 'var(--veml-line)' }),
          s('text', { x: LEFT - 6, y: py(t) + 4, 'text-anchor': 'end', class: 'veml-small' }, tick(t)));
      }
      for (const t of ticks(x0, x1, 5)) svg.append(s('text', { x: px(t), y: H - 12, 'text-anchor': 'middle', class: 'veml-small' }, tick(t)));
    }
    for (const { colour, points } of lines) {
      const ok = points.filter(p => Number.isFinite(p[1]));
      svg.append(s('polyline', { points: ok.map(p => `${px(p[0])},${py(p[1])}`).join(' '), fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-linejoin': 'round' }));
      const last = ok[ok.length - 1];
      if (last) svg.append(s('circle', { cx: px(last[0]), cy: py(last[1]), r: 3.5, fill: colour }));
    }
    const guide = s('line', { y1: TOP, y2: H - BOTTOM, stroke: 'var(--veml-muted)', 'stroke-dasharray': '3 3', visibility: 'hidden' });
    svg.append(guide);
    svg.onpointermove = e => {
      if (!all.length) return;
      const r = svg.getBoundingClientRect();
      const at = x0 + (((e.clientX - r.left) / r.width) * W - LEFT) / (W - LEFT - RIGHT) * (x1 - x0);
      const step = xs.reduce((b, x) => (Math.abs(x - at) < Math.abs(b - at) ? x : b), xs[0]);
      guide.setAttribute('x1', String(px(step)));
      guide.setAttribute('x2', String(px(step)));
      guide.setAttribute('visibility', 'visible');
      const here = lines.flatMap(l => l.points.filter(p => p[0] === step).map(p => `${l.run} ${number(p[1], 4)}`));
      tip.textContent = `step ${number(step)}: ${here.join(' · ')}`;
      tip.style.display = '';
      const b = box.root.getBoundingClientRect();
      tip.style.left = `${Math.min(e.clientX - b.left + 12, b.width - tip.offsetWidth - 8)}px`;
      tip.style.top = `${e.clientY - b.top - 30}px`;
    };
    svg.onpointerleave = () => {
      guide.setAttribute('visibility', 'hidden');
      tip.style.display = 'none';
    };
    return h('div', {}, h('h4', {}, metric), svg);
  }

  model.on('change:runs', draw);
  draw();
  return () => {
    model.off('change:runs', draw);
    box.dispose();
  };
}

export default { render };
