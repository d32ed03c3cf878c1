/** Notebook widget: confusion matrix and kinds of error (veml_lab/widgets/confusion.py). */
import { leads, linkedTable, WallBeside, Where } from '../drawing/beside';
import { h, number, s } from '../drawing/dom';
import { frame, segments } from '../drawing/parts';
import type { RenderContext } from '../drawing/model';
import { count as inWords, N_, trans } from '../drawing/words';
import type { ConfusionMatrixTraits } from '../traits';

const MOST = 60;

export function render({ model, el }: RenderContext<ConfusionMatrixTraits>): () => void {
  const box = frame(el, 'veml-confusion', 'Confusion matrix', () => draw());
  const bar = h('div', { class: 'veml-bar' });
  const plot = h('div', { class: 'veml-scroll', tabindex: 0, role: 'region', 'aria-label': trans.__('Confusion matrix') });
  const kinds = h('div', { class: 'veml-kinds' });
  const found = h('div', { class: 'veml-findings' }), opened = h('div');
  box.root.append(bar, h('div', { class: 'veml-split' }, plot, kinds), found, opened);
  const beside = new WallBeside(model, opened);
  let show = 'counts';
  const open = (where: Where) => beside.open({ selection: { ...model.get('about'), where } });

  function draw(): void {
    const all = model.get('classes'), matrix = model.get('matrix');
    // the classes with the most errors, where there are more than a screen holds
    const errors = all.map((_, i) => matrix[i].reduce((t, v, j) => t + (i === j ? 0 : v + matrix[j][i]), 0));
    const order = all.map((_, i) => i);
    const kept = all.length > MOST ? order.sort((a, b) => errors[b] - errors[a]).slice(0, MOST).sort((a, b) => a - b) : order;
    const total = matrix.reduce((t, r) => t + r.reduce((a, v) => a + v, 0), 0), right = matrix.reduce((t, r, i) => t + r[i], 0);
    bar.replaceChildren(h('span', { class: 'veml-title' }, model.get('title') || trans.__('What was taken for what')),
      h('span', { class: 'veml-note' }, `${total ? trans.__('%1 of %2 right (%3)', inWords(right), inWords(total), number(right / total)) : trans.__('nothing to compare')}${kept.length < all.length ? ` · ${trans.__('the %1 of %2 classes with most errors', kept.length, all.length)}` : ''}`),
      h('span', { class: 'veml-space' }), segments(trans.__('Numbers'), [N_('counts'), N_('share of the class')], show, name => { show = name; draw(); }, name => trans.__(name)));
    plot.replaceChildren(cells(kept, all, matrix));
    bars();
    found.replaceChildren(...Object.entries(model.get('tables') ?? {}).map(([title, table]) => linkedTable(title, table, model.get('opens') ? open : null)));
    box.root.dataset.ready = '1';
  }

  function cells(kept: number[], all: string[], matrix: number[][]): SVGElement {
    const n = kept.length, cell = n <= 14 ? 44 : n <= 30 ? 26 : 16, left = 132, head = 112;
    const svg = s('svg', { width: left + n * cell + 30, height: head + n * cell + 26, role: 'grid', 'aria-label': trans.__('Rows are the truth, columns what was predicted') });
    svg.append(s('text', { x: left - 8, y: head - 10, 'text-anchor': 'end', class: 'veml-small' }, trans.__('truth ↓ predicted →')));
    kept.forEach((i, r) => {
      const sum = matrix[i].reduce((a, v) => a + v, 0);
      svg.append(s('text', { x: left - 8, y: head + r * cell + cell / 2 + 4, 'text-anchor': 'end' }, clip(all[i], 17)),
        s('text', { transform: `translate(${left + r * cell + cell / 2 + 3},${head - 6}) rotate(-50)`, class: 'veml-small' }, clip(all[i], 15)));
      const row = s('g', { role: 'row' });
      kept.forEach((j, c) => {
        const v = matrix[i][j], part = sum ? v / sum : 0;
        const words = trans.__('%1 taken for %2: %3 (%4 %)', all[i], all[j], v, (100 * part).toFixed(1));
        const g = s('g', { class: 'veml-cell', role: 'gridcell', tabindex: r || c ? -1 : 0, 'aria-label': words, 'data-row': r, 'data-column': c }, s('title', {}, words),
          s('rect', { x: left + c * cell + 1, y: head + r * cell + 1, width: cell - 2, height: cell - 2, rx: 3, fill: i === j ? 'var(--veml-good)' : 'var(--veml-bad)', 'fill-opacity': v ? 0.08 + 0.47 * part : 0.04 }));
        if (v && cell >= 26) g.append(s('text', { x: left + (c + 0.5) * cell, y: head + r * cell + cell / 2 + 4, 'text-anchor': 'middle', style: i === j ? 'font-weight:600' : '' }, show === 'counts' ? (v > 9999 ? number(v, 2) : String(v)) : `${Math.round(100 * part)}`));
        g.onclick = () => {
          model.set('selected', [all[i], all[j]]);
          model.save_changes();
          if (model.get('opens') && v) open({ confused: [all[i], all[j]] });
        };
        g.onkeydown = e => {
          const to: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
          if (e.key === 'Enter') g.onclick!(e as unknown as PointerEvent);
          else if (!to[e.key]) return;
          else {
            const next = plot.querySelector<SVGGElement>(`[data-row='${r + to[e.key][0]}'][data-column='${c + to[e.key][1]}']`);
            if (next) { g.setAttribute('tabindex', '-1'); next.setAttribute('tabindex', '0'); next.focus(); }
          }
          e.preventDefault();
          e.stopPropagation();
        };
        row.append(g);
      });
      svg.append(row);
    });
    return svg;
  }

  function bars(): void {
    const counted = Object.entries(model.get('kinds'));
    const most = Math.max(1, ...counted.map(([, v]) => v));
    kinds.style.display = counted.length ? '' : 'none';
    kinds.replaceChildren(h('h4', {}, trans.__('Kinds of error')), ...counted.map(([kind, v]) => {
      const row = h('div', { class: 'veml-barrow', 'data-kind': kind },
        h('span', {}, trans.__(kind)), h('span', { class: 'veml-meter' }, h('span', { style: `width:${(100 * v) / most}%` })), h('span', { class: 'n' }, v.toLocaleString('en-US')));
      if (model.get('opens')) leads(row, trans.__('%1: %2; open its samples', trans.__(kind), v), () => open({ error: kind }));
      return row;
    }));
  }

  const clip = (text: string, letters: number) => (text.length > letters ? `${text.slice(0, letters - 1)}…` : text);
  const changes = ['classes', 'matrix', 'kinds', 'title', 'tables', 'opens'].map(n => `change:${n}`);
  const later = () => { cancelAnimationFrame(pending); pending = requestAnimationFrame(draw); }; // matrix and classes change one after the other
  let pending = 0;
  changes.forEach(c => model.on(c, later));
  const heard = (message: any, buffers: DataView[]) => void beside.receive(message, buffers);
  model.on('msg:custom', heard);
  draw();
  return () => {
    cancelAnimationFrame(pending);
    changes.forEach(c => model.off(c, later));
    model.off('msg:custom', heard);
    beside.dispose();
    box.dispose();
  };
}

export default { render };
