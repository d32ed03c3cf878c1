/** Notebook widget: covering balls of train, the test points, both verdicts (veml_lab/widgets/driftplot.py). */
import { h, number, Pictures, s } from '../drawing/dom';
import { frame } from '../drawing/parts';
import { histogram, range, tick, ticks } from '../drawing/scale';
import { DriftLook, look, slider } from '../drawing/looks';
import type { RenderContext } from '../drawing/model';
import { N_, trans } from '../drawing/words';
import type { DriftPlotTraits } from '../traits';

const READINGS: Record<string, string> = { paper: N_("Paper's rule: covering balls"), calibrated: N_('Calibrated test') };

type Shown = 'verdicts' | 'worst' | 'centres' | 'train_xy' | 'test_xy' | 'radii' | 'distances' | 'radius';

export function render({ model, el }: RenderContext<DriftPlotTraits>): () => void {
  const box = frame(el, 'veml-drift', trans.__('Drift report'), () => later()); // in the next frame: while the theme changes the canvas may have no size
  const pictures = new Pictures();
  const bar = h('div', { class: 'veml-bar' });
  const stream = h('div', { class: 'veml-looks' });
  const verdicts = h('div', { class: 'veml-verdicts' });
  const canvas = h('canvas', { role: 'img' });
  const chart = h('div');
  const scatter = h('div', {}, h('h4', {}, trans.__('Covering balls of train and the test points (projected)')), canvas);
  const strip = h('div', { style: 'padding:0 10px 12px' });
  box.root.append(bar, stream, verdicts, h('div', { class: 'veml-panes' }, scatter, chart), strip);

  /** A fact of the report that is shown: of the look of a stream, or of the only one. */
  function the<K extends Shown>(name: K): DriftLook[K] {
    const looks = model.get('looks');
    return looks.length ? looks[look(looks, model.get('look'))][name] : model.get(name) as DriftLook[K];
  }

  function draw(): void {
    const looks = model.get('looks');
    stream.hidden = !looks.length;
    if (looks.length) slider(stream, looks, model.get('look'), model.get('level'), to => {
      model.set('look', to);
      model.save_changes();
      draw();
    });
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('Drift')), h('span', { class: 'veml-space' }),
      key(trans.__('train'), 'var(--veml-data)'), key(trans.__('test, within the covering radius'), 'var(--veml-good)'), key(trans.__('test, beyond the covering radius'), 'var(--veml-bad)'));
    verdicts.replaceChildren(...Object.entries(the('verdicts')).map(([name, v]) => {
      const facts = Object.entries(v).filter(([k, x]) => !['drifted', 'text'].includes(k) && typeof x === 'number')
        .map(([k, x]) => `${k.replace(/_/g, ' ')} ${number(x as number)}`).join(' · ');
      return h('div', { class: 'veml-verdict', 'data-drifted': String(Boolean(v.drifted)) },
        h('div', { class: 'veml-note' }, trans.__(READINGS[name] ?? name)),
        h('div', {}, h('strong', {}, v.drifted ? trans.__('Drifted') : trans.__('No drift')), v.text ? ` – ${v.text}` : ''),
        h('div', { class: 'veml-note' }, facts));
    }));
    points();
    chart.replaceChildren(...distances());
    pictures.release();
    const worst = the('worst');
    const images = worst.map((bytes, i) => pictures.image(bytes, trans.__('test picture %1 farthest outside', i + 1)));
    strip.replaceChildren(...(worst.length ? [h('h4', {}, trans.__('Farthest outside')), h('div', { class: 'veml-strip' }, ...images)] : []));
    box.root.dataset.ready = '1';
  }

  function key(text: string, colour: string): HTMLElement {
    return h('span', { class: 'veml-key' }, s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, s('circle', { cx: 8, cy: 8, r: 5, fill: colour })), text);
  }

  function points(): void {
    const [centres, train, test] = [the('centres'), the('train_xy'), the('test_xy')];
    const radii = the('radii');
    const far = the('distances'), radius = the('radius');
    const outside = (i: number) => radius !== null && far.length === test.length && far[i] > radius;
    const number_out = test.filter((_, i) => outside(i)).length;
    canvas.setAttribute('aria-label', trans.__('%1 covering balls, %2 test points, %3 outside', centres.length, test.length, number_out));
    scatter.style.display = centres.length || test.length ? '' : 'none';
    const W = canvas.clientWidth, H = canvas.clientHeight;
    const ctx = canvas.getContext('2d');
    if (!W || !H || !ctx) return;
    const dpr = window.devicePixelRatio || 1;
    canvas.width = W * dpr;
    canvas.height = H * dpr;
    ctx.setTransform(dpr, 0, 0, dpr, 0, 0);
    const reach = (i: number) => radii[Math.min(i, radii.length - 1)] ?? 0;
    const xs = [...train, ...test].map(p => p[0]).concat(centres.flatMap((c, i) => [c[0] - reach(i), c[0] + reach(i)]));
    const ys = [...train, ...test].map(p => p[1]).concat(centres.flatMap((c, i) => [c[1] - reach(i), c[1] + reach(i)]));
    const [x0, x1] = range(xs), [y0, y1] = range(ys);
    const k = Math.min((W - 16) / (x1 - x0 || 1), (H - 16) / (y1 - y0 || 1)); // one scale, so that balls stay round
    const px = (x: number) => W / 2 + (x - (x0 + x1) / 2) * k, py = (y: number) => H / 2 - (y - (y0 + y1) / 2) * k;
    const colours = box.colours();
    ctx.clearRect(0, 0, W, H);
    centres.forEach((c, i) => {
      ctx.beginPath();
      ctx.arc(px(c[0]), py(c[1]), reach(i) * k, 0, 7);
      ctx.fillStyle = colours.kind.data;
      ctx.globalAlpha = 0.07;
      ctx.fill();
      ctx.globalAlpha = 0.35;
      ctx.lineWidth = 1;
      ctx.strokeStyle = colours.kind.data;
      ctx.stroke();
    });
    const dots = (list: number[][], r: number, fill: string, alpha: number, keep: (i: number) => boolean = () => true) => {
      ctx.beginPath();
      list.forEach((p, i) => {
        if (!keep(i)) return;
        ctx.moveTo(px(p[0]) + r, py(p[1]));
        ctx.arc(px(p[0]), py(p[1]), r, 0, 7);
      });
      ctx.globalAlpha = alpha;
      ctx.fillStyle = fill;
      ctx.fill();
      ctx.globalAlpha = 1;
    };
    const small = test.length > 1500 ? 1.5 : 2.6;
    dots(train, train.length > 1500 ? 1.2 : 2, colours.kind.data, 0.45);
    dots(test, small, colours.good, 0.85, i => !outside(i));
    dots(test, small + 0.5, colours.bad, 0.9, outside);
    ctx.strokeStyle = colours.kind.data;
    ctx.lineWidth = 1.8;
    ctx.beginPath();
    for (const c of centres) {
      const x = px(c[0]), y = py(c[1]);
      ctx.moveTo(x - 4, y); ctx.lineTo(x + 4, y); ctx.moveTo(x, y - 4); ctx.lineTo(x, y + 4);
    }
    ctx.stroke();
  }

  function distances(): Node[] {
    const values = the('distances').filter(Number.isFinite);
    if (!values.length) return [];
    const radius = the('radius');
    const W = 420, H = 280, L = 38, B = 34;
    const high = Math.max(range(values)[1], radius ?? 0) * 1.05 || 1;
    const bins = Math.max(8, Math.min(40, Math.round(Math.sqrt(values.length) * 1.5)));
    const counts = histogram(values, bins, 0, high);
    const top = Math.max(...counts);
    const px = (x: number) => L + (x / high) * (W - L - 10), py = (c: number) => H - B - (c / top) * (H - B - 26);
    const out = radius === null ? 0 : values.filter(v => v > radius).length;
    const svg = s('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': trans.__('Histogram of %1 distances to the nearest centre, %2 beyond the covering radius', values.length, out) });
    counts.forEach((c, i) => {
      const a = (i / bins) * high, b = ((i + 1) / bins) * high;
      if (c) svg.append(s('rect', { x: px(a) + 0.5, y: py(c), width: Math.max(1, px(b) - px(a) - 1), height: H - B - py(c), rx: 1.5, fill: radius !== null && (a + b) / 2 > radius ? 'var(--veml-bad)' : 'var(--veml-good)', opacity: 0.8 }));
    });
    svg.append(s('line', { x1: L, x2: W - 10, y1: H - B, y2: H - B, stroke: 'var(--veml-muted)' }));
    for (const t of ticks(0, high, 5)) svg.append(s('text', { x: px(t), y: H - B + 15, 'text-anchor': 'middle', class: 'veml-small' }, tick(t)));
    for (const t of ticks(0, top, 3)) svg.append(s('text', { x: L - 6, y: py(t) + 4, 'text-anchor': 'end', class: 'veml-small' }, tick(t)));
    if (radius !== null) {
      const right = px(radius) > W * 0.6;
      svg.append(s('line', { x1: px(radius), x2: px(radius), y1: 12, y2: H - B, stroke: 'var(--veml-text)', 'stroke-width': 1.5, 'stroke-dasharray': '5 3' }),
        s('text', { x: px(radius) + (right ? -6 : 6), y: 20, 'text-anchor': right ? 'end' : 'start' }, trans.__('paper\'s covering radius %1', number(radius))));
    }
    return [h('h4', {}, trans.__('Distance to the nearest centre: %1 of %2 beyond the paper\'s covering radius', out, values.length)), svg];
  }

  const changes = ['title', 'centres', 'radii', 'train_xy', 'test_xy', 'verdicts', 'distances', 'radius', 'worst', 'looks', 'look', 'level'].map(n => `change:${n}`);
  let waiting = 0;
  const later = () => { // many traits change together: draw once
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  };
  changes.forEach(c => model.on(c, later));
  const resizing = new ResizeObserver(points);
  resizing.observe(canvas);
  draw();
  return () => {
    changes.forEach(c => model.off(c, later));
    cancelAnimationFrame(waiting);
    resizing.disconnect();
    pictures.release();
    box.dispose();
  };
}

export default { render };
