/** Filters of a wall that are more than a choice: ranges of numbers with their histogram, and parts of texts. */
import type { Where } from './beside';
import { choice } from './controls';
import { h, number } from './dom';
import { count, trans } from './words';

export interface FilterActions {
  changed: () => void;
  /** ask for the histogram of a number */
  spread: (fact: string) => void;
}

export class WallFilters {
  readonly element = h('div', { class: 'veml-bar veml-ranges', role: 'group', 'aria-label': trans.__('Ranges and texts') });

  constructor(private readonly where: Where, private readonly act: FilterActions) {
    this.element.hidden = true;
  }

  /** The controls that begin such a filter, for the wall's tools. */
  tools(numbers: string[], texts: string[]): HTMLElement[] {
    const begin = (label: string, facts: string[], make: (fact: string) => void) => choice(label, [['', label], ...facts.filter(f => !this.rows.has(f)).map((f): [string, string] => [f, trans.__(f)])], '', fact => { if (fact) make(fact); });
    return [
      ...(numbers.length ? [begin(trans.__('Filter by a number'), numbers, f => this.range(f))] : []),
      ...(texts.length ? [begin(trans.__('Filter by a text'), texts, f => this.text(f))] : [])
    ];
  }

  /** The histogram has come. */
  spread(fact: string, edges: number[], counts: number[]): void {
    const row = this.rows.get(fact), bars = row?.querySelector('.veml-spread');
    if (!row || !bars) return;
    const most = Math.max(1, ...counts);
    bars.replaceChildren(...counts.map((n, k) => {
      const last = k === counts.length - 1;
      const said = trans.__('%1 from %2 to %3: %4 samples', trans.__(fact), number(edges[k]), number(edges[k + 1]), count(n));
      const bar = h('button', { type: 'button', 'aria-label': said, title: said, 'data-count': n, disabled: n === 0 }, h('span', { style: `height:${n ? Math.max(8, (100 * n) / most) : 0}%` }));
      bar.onclick = () => this.set(fact, { from: edges[k], to: edges[k + 1], ...(last ? {} : { open: true }) });
      return bar;
    }));
    const [low, high] = row.querySelectorAll('input');
    if (edges.length) [low.placeholder, high.placeholder] = [number(edges[0]), number(edges[edges.length - 1])];
  }

  private range(fact: string): void {
    const bound = (label: string) => {
      const input = h('input', { type: 'number', step: 'any', 'aria-label': label });
      input.onkeydown = e => e.stopPropagation();
      input.onchange = () => {
        const [low, high] = [...row.querySelectorAll('input')].map(i => (i.value === '' ? undefined : Number(i.value)));
        this.set(fact, low === undefined && high === undefined ? null : { ...(low === undefined ? {} : { from: low }), ...(high === undefined ? {} : { to: high }) });
      };
      return input;
    };
    const row = this.row(fact, bound(trans.__('%1 from', trans.__(fact))), h('span', { class: 'veml-note' }, '–'), bound(trans.__('%1 to', trans.__(fact))), h('span', { class: 'veml-spread', role: 'group', 'aria-label': trans.__('Histogram of %1', trans.__(fact)) }));
    this.act.spread(fact);
    row.querySelector('input')!.focus();
  }

  private text(fact: string): void {
    const input = h('input', { type: 'search', 'aria-label': trans.__('%1 contains', trans.__(fact)), placeholder: trans.__('contains') });
    let timer = 0;
    const look = () => {
      window.clearTimeout(timer);
      this.set(fact, input.value ? { has: input.value } : null);
    };
    input.onkeydown = e => {
      e.stopPropagation();
      if (e.key === 'Enter') look();
    };
    input.oninput = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(look, 300);
    };
    this.row(fact, input).querySelector('input')!.focus();
  }

  private row(fact: string, ...parts: HTMLElement[]): HTMLElement {
    const off = h('button', { type: 'button', 'aria-label': trans.__('Remove the filter by %1', trans.__(fact)) }, '×');
    const row = h('span', { class: 'veml-rangerow', 'data-fact': fact }, h('b', {}, trans.__(fact)), ...parts, off);
    off.onclick = () => {
      this.rows.delete(fact);
      row.remove();
      this.element.hidden = !this.rows.size;
      this.set(fact, null, true);
    };
    this.rows.set(fact, row);
    this.element.append(row);
    this.element.hidden = false;
    this.element.dispatchEvent(new Event('veml-rows'));
    return row;
  }

  private set(fact: string, condition: Where[string] | null, removed = false): void {
    const row = this.rows.get(fact);
    if (condition === null) delete this.where[fact];
    else this.where[fact] = condition;
    if (row && condition && typeof condition === 'object' && !Array.isArray(condition) && !('has' in condition)) {
      const [low, high] = row.querySelectorAll('input');
      low.value = condition.from === undefined ? '' : String(condition.from);
      high.value = condition.to === undefined ? '' : String(condition.to);
    }
    if (removed) this.element.dispatchEvent(new Event('veml-rows'));
    this.act.changed();
  }

  private readonly rows = new Map<string, HTMLElement>();
}
