/** Notebook widget: distances between sets, switchable by measure (veml_lab/widgets/heatmap.py). */
import { h, number, Pictures, s } from '../drawing/dom';
import { range } from '../drawing/scale';
import { choice } from '../drawing/controls';
import { offerLine } from '../drawing/lines';
import { frame, segments } from '../drawing/parts';
import { branches, donorsOf, leaves, transferLine } from '../drawing/tree';
import { contrast } from '../drawing/theme';
import type { RenderContext } from '../drawing/model';
import { trans } from '../drawing/words';
import type { SimilarityHeatmapTraits } from '../traits';

const TREE = 64; // px that the tree is wide

/** Near is strong: from the surface colour to a deep teal. Returns the fill and the colour of text on it. */
export function shade(nearness: number, dark: boolean): { fill: string; ink: string } {
  const t = Math.max(0, Math.min(1, nearness));
  const [from, to] = dark ? [[38, 43, 51], [64, 196, 180]] : [[240, 246, 246], [6, 112, 110]];
  const rgb = from.map((f, i) => Math.round(f + (to[i] - f) * t ** 1.2));
  const fill = `rgb(${rgb.join(',')})`;
  return { fill, ink: contrast('#10181f', fill) > contrast('#ffffff', fill) ? '#10181f' : '#ffffff' };
}

/** Per row the column of the smallest value off the diagonal, or -1 where there is none. */
export function nearest(matrix: number[][]): number[] {
  return matrix.map((row, i) =>
    row.reduce((best, v, j) => (j !== i && Number.isFinite(v) && v !== null && (best < 0 || v < row[best]) ? j : best), -1));
}

export function render({ model, el }: RenderContext<SimilarityHeatmapTraits>): () => void {
  const box = frame(el, 'veml-heat', 'Similarity of sets', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const plot = h('div', { class: 'veml-scroll' });
  const faces = h('div', { class: 'veml-faces', 'aria-live': 'polite' });
  const donors = h('div', { class: 'veml-donors' });
  box.root.append(bar, plot, donors, faces);
  const pictures = new Pictures();

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
      h('span', { class: 'veml-key' }, trans.__('far'), ramp(), trans.__('near')),
      h('span', { class: 'veml-note' }, `· ${trans.__('outlined: the nearest of its row')}`));
    if (!measure || !names.length) {
      plot.replaceChildren(h('div', { class: 'veml-empty' }, trans.__('No distances yet.')));
      donors.hidden = true;
      return showFaces();
    }
    const matrix = measures[measure];
    const wrong = matrix.length !== names.length || matrix.some(r => r.length !== names.length);
    if (wrong) {
      plot.replaceChildren(h('div', { class: 'veml-error', role: 'alert' },
        trans.__('%1: a matrix of %2 rows for %3 names', measure, matrix.length, names.length)));
      return;
    }
    plot.replaceChildren(picture(names, measure, matrix, model.get('errors')[measure], model.get('trees')[measure]));
    rank(names, measure, matrix);
    box.root.dataset.ready = '1';
    box.root.dataset.measure = measure;
    showFaces();
  }

  function ramp(): HTMLElement {
    const stops = [0, 0.25, 0.5, 0.75, 1].map(t => shade(t, box.colours().dark).fill).join(',');
    return h('span', { class: 'veml-ramp', style: `background:linear-gradient(90deg,${stops})` });
  }

  function picture(names: string[], measure: string, matrix: number[][], errors?: number[][], tree?: number[][]): SVGSVGElement {
    const dark = box.colours().dark;
    const n = names.length;
    const cell = n <= 8 ? 76 : n <= 16 ? 54 : 30;
    const tall = n <= 8 ? 46 : n <= 16 ? 36 : 26;
    const longest = Math.min(26, Math.max(...names.map(x => x.length)));
    const left = longest * 7.2 + 14;
    const slanted = longest * 7.4 > cell;
    const head = slanted ? Math.min(150, longest * 5.1 + 16) : 24;
    const order = leaves(tree, n);
    const over = Math.max(slanted ? Math.min(150, longest * 5.1) : 0, tree ? TREE + 14 : 0);
    const off = matrix.flatMap((r, i) => r.filter((v, j) => i !== j && Number.isFinite(v)));
    const [low, high] = range(off);
    const near = nearest(matrix);
    const whole = off.every(Number.isInteger);
    const show = (v: number) => (Number.isFinite(v) && !whole && Math.abs(v) >= 1e-3 && Math.abs(v) < 1e5 ? v.toPrecision(3) : number(v));
    const short = (x: string) => (x.length > 26 ? `${x.slice(0, 25)}…` : x);
    const svg = s('svg', {
      width: left + n * cell + over + 6, height: head + n * tall + 6, role: 'grid',
      'aria-label': trans.__('%1 distance between %2 sets', measure, n)
    });
    const heads = s('g', { role: 'row' });
    order.forEach((k, j) => {
      const name = names[k];
      const x = left + j * cell + cell / 2;
      heads.append(s('text', slanted
        ? { x: 0, y: 0, transform: `translate(${x - 4},${head - 8}) rotate(-42)`, role: 'columnheader' }
        : { x, y: head - 8, 'text-anchor': 'middle', role: 'columnheader' }, short(name)));
    });
    svg.append(heads);
    // r and c are places on the screen, i and j the sets
    order.forEach((i, r) => {
      const name = names[i];
      const row = s('g', { role: 'row' });
      row.append(s('text', { x: left - 8, y: head + r * tall + tall / 2 + 4, 'text-anchor': 'end', role: 'rowheader' }, short(name)));
      order.forEach((j, c) => {
        const other = names[j];
        const value = matrix[i][j];
        const self = i === j;
        const nearness = high > low ? (high - value) / (high - low) : 1;
        const paint = self ? { fill: 'var(--veml-raised)', ink: 'var(--veml-muted)' } : shade(nearness, dark);
        const half = errors?.[i]?.[j];
        const error = half && half > 1e-3 * Math.abs(value) ? half : 0; // less than the figures shown is noise
        const said = `${name} – ${other}: ${number(value)}${error ? ` ± ${number(error, 2)}` : ''}${near[i] === j ? `, ${trans.__('nearest of its row')}` : ''}`;
        const g = s('g', { class: 'veml-cell', role: 'gridcell', tabindex: r === 0 && c === 0 ? 0 : -1, 'aria-label': said, 'data-row': r, 'data-column': c },
          s('title', {}, said),
          s('rect', {
            x: left + c * cell + 1.5, y: head + r * tall + 1.5, width: cell - 3, height: tall - 3, rx: 4, fill: paint.fill,
            stroke: near[i] === j ? 'var(--veml-accent)' : 'none', 'stroke-width': 2.5
          }));
        if (cell >= 40) {
          const y = head + r * tall + tall / 2;
          g.append(s('text', { x: left + c * cell + cell / 2, y: y + (error && tall > 40 ? -2 : 4), 'text-anchor': 'middle', style: `fill:${paint.ink};font-weight:${near[i] === j ? 600 : 400}` }, show(value)));
          if (error && tall > 40) g.append(s('text', { x: left + c * cell + cell / 2, y: y + 13, 'text-anchor': 'middle', style: `fill:${paint.ink};font-size:10px;opacity:.85` }, `± ${number(error, 2)}`));
        }
        g.onclick = () => choose(name, other);
        g.onkeydown = e => move(e, r, c, name, other);
        row.append(g);
      });
      svg.append(row);
    });
    if (tree?.length === n - 1) svg.append(branches(tree, order, left + n * cell + 6, head, tall, TREE));
    return svg;
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

  function move(e: KeyboardEvent, i: number, j: number, a: string, b: string): void {
    if (e.key === 'Enter' || e.key === ' ') choose(a, b);
    else {
      const step: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      const to = step[e.key];
      if (!to) return;
      const next = plot.querySelector<SVGGElement>(`[data-row='${i + to[0]}'][data-column='${j + to[1]}']`);
      if (next) {
        plot.querySelectorAll('.veml-cell').forEach(c => c.setAttribute('tabindex', '-1'));
        next.setAttribute('tabindex', '0');
        next.focus();
      }
    }
    e.preventDefault();
    e.stopPropagation();
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

  const changes = ['names', 'measures', 'errors', 'measure', 'pictures', 'trees', 'target', 'lines', 'transfer', 'offers'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  model.on('change:selected', showFaces);
  draw();
  return () => {
    changes.forEach(c => model.off(c, draw));
    model.off('change:selected', showFaces);
    pictures.release();
    box.dispose();
  };
}

export default { render };
