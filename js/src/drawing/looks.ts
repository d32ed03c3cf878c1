/** A stream of test versions: the slider over its looks, and what each of them said and spent. */
import { h, number, s } from './dom';
import { trans } from './words';

export type Verdicts = Record<string, { drifted: boolean; text?: string; [fact: string]: unknown }>;

/** One look: what is said of it beside its figures, and what it spent of the stream's level. */
export interface DriftLook {
  title: string;
  verdicts: Verdicts;
  worst: DataView[];
  test: string;
  p_value: number | null;
  /** share of the stream's level that this look may spend */
  level: number;
  /** what is spent after it */
  spent: number;
}

/** The look that a trait means; one outside is the nearest there is. */
export const look = (looks: DriftLook[], asked: number): number => Math.max(0, Math.min(looks.length - 1, Math.round(asked)));

const drifted = (one: DriftLook, reading: string): boolean => Boolean(one.verdicts[reading]?.drifted);

/** Fill `el` once and keep it up to date: a slider that is drawn anew would lose its focus while it is moved. */
export function slider(el: HTMLElement, looks: DriftLook[], asked: number, level: number | null, choose: (to: number) => void): void {
  const now = look(looks, asked);
  const one = looks[now];
  let range = el.querySelector<HTMLInputElement>('input[type=range]');
  if (!range) {
    range = h('input', { type: 'range', min: 0, step: 1, 'aria-label': trans.__('Look of the stream') });
    range.onkeydown = e => e.stopPropagation();
    el.replaceChildren(h('div', { class: 'veml-lookline' }, range, h('span', { 'aria-live': 'polite' })), h('div', { class: 'veml-lookmarks' }), h('div', { class: 'veml-note' }));
  }
  range.max = String(looks.length - 1);
  range.value = String(now);
  range.oninput = () => choose(Number(range!.value));
  const said = trans.__('Look %1 of %2: %3', now + 1, looks.length, one.test);
  range.setAttribute('aria-valuetext', said);
  el.querySelector('span')!.textContent = said;
  el.dataset.look = String(now);
  const [, marks, note] = [...el.children];
  marks.replaceChildren(strip(looks, now, choose));
  const of = level === null ? '' : ` of ${number(level)} for the whole stream`;
  note.textContent = `p ${one.p_value === null ? '–' : number(one.p_value)} at level ${number(one.level)} for this look · level spent so far ${number(one.spent)}${of}`;
}

/** Both readings of every look as two rows of marks: a filled square is drift, a ring is none. */
function strip(looks: DriftLook[], now: number, choose: (to: number) => void): SVGElement {
  const readings = [...new Set(looks.flatMap(one => Object.keys(one.verdicts)))];
  const step = Math.max(8, Math.min(26, 700 / looks.length)), left = 84, r = Math.min(6, step / 2 - 1);
  const svg = s('svg', { width: left + looks.length * step + 4, height: readings.length * 20 + 4, role: 'img', 'aria-label': readings.map(name => `${name}: drift at ${looks.filter(one => drifted(one, name)).map(one => one.test).join(', ') || 'no look'}`).join('; ') });
  svg.append(s('rect', { x: left + now * step, y: 0, width: step, height: readings.length * 20 + 4, rx: 4, fill: 'var(--veml-shade)' }));
  readings.forEach((name, row) => {
    const y = 12 + row * 20;
    svg.append(s('text', { x: left - 8, y: y + 4, 'text-anchor': 'end' }, trans.__(name)));
    looks.forEach((one, i) => {
      const x = left + (i + 0.5) * step;
      const mark = drifted(one, name)
        ? s('rect', { x: x - r, y: y - r, width: 2 * r, height: 2 * r, rx: 2, fill: 'var(--veml-bad)' })
        : s('circle', { cx: x, cy: y, r: r - 0.5, fill: 'none', stroke: 'var(--veml-good)', 'stroke-width': 2 });
      mark.append(s('title', {}, `${one.test}, ${trans.__(name)}: ${drifted(one, name) ? trans.__('drifted') : trans.__('no drift')}`));
      mark.addEventListener('click', () => choose(i));
      svg.append(mark);
    });
  });
  return svg;
}
