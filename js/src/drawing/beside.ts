/**
 * The wall that a chart opens beside itself: the samples behind a bar, a cell, a range, a lasso.
 *
 * A selection is plain data that travels with the element of the chart (Plotly: `customdata`); the kernel alone takes it
 * apart (veml_lab/faces/selection.py).
 */
import { h } from './dom';
import type { WidgetModel } from './model';
import { PageModel, Reply, unpack } from './pageModel';
import { trans } from './words';
import browser from '../widgets/browser';

export type Condition = string | { from?: number | string; to?: number | string; open?: boolean } | { has: string } | string[] | number[];
export type Where = Record<string, Condition>;
export interface Selection { version?: string; training?: string; where?: Where }
/** Rows of findings, each with what its samples have in common. */
export interface LinkedTable { columns: string[]; rows: (string | number)[][]; opens: (Where | null)[] }

interface Waiting { resolve: (reply: Reply) => void; reject: (e: Error) => void }

export class WallBeside {
  /** `host` is filled when something is opened; `asks` says how a selection is sent where it is not itself enough. */
  constructor(private readonly model: WidgetModel<any>, private readonly host: HTMLElement) {
    host.classList.add('veml-opened');
    host.hidden = true;
  }

  /** Open a selection, or whatever else the kernel makes one of. */
  open(asked: { selection: Selection } | { indices: number[] }): void {
    this.asked = ++this.count;
    this.host.setAttribute('aria-busy', 'true');
    this.model.send({ type: 'open', request: this.asked, ...asked });
  }

  /** True where the message was the wall's. */
  receive(message: any, buffers: DataView[]): boolean {
    const waiting = this.waiting.get(message.request);
    if (waiting && (message.type === 'besides' || message.type === 'error')) {
      this.waiting.delete(message.request);
      if (message.type === 'error') waiting.reject(new Error(message.message));
      else waiting.resolve({ result: message.answer, buffers });
      return true;
    }
    if (message.request !== this.asked) return message.type === 'opened' || message.type === 'besides';
    this.host.removeAttribute('aria-busy');
    if (message.type === 'opened') this.show(message, buffers);
    else if (message.type === 'error') this.fail(message.message);
    else return false;
    return true;
  }

  close(): void {
    this.clean?.();
    this.clean = null;
    this.host.replaceChildren();
    this.host.hidden = true;
    this.from?.focus?.();
  }

  dispose(): void {
    this.from = null;
    this.waiting.clear();
    this.close();
  }

  private show(message: any, buffers: DataView[]): void {
    this.begin();
    const el = h('div');
    this.host.append(el);
    const model = new PageModel(unpack(message.state, message.paths, buffers), content => this.ask(content));
    this.clean = browser.render({ model: model as any, el });
    this.host.dataset.ready = '1';
    this.host.scrollIntoView?.({ block: 'nearest' });
    el.querySelector<HTMLElement>('canvas')?.focus({ preventScroll: true });
  }

  private fail(said: string): void {
    this.begin();
    this.host.append(h('div', { class: 'veml-error', role: 'alert' }, said));
  }

  private begin(): void {
    const from = document.activeElement as HTMLElement | null;
    if (from && !this.host.contains(from)) this.from = from;
    this.clean?.();
    this.clean = null;
    const shut = h('button', { type: 'button', class: 'veml-shut' }, trans.__('Close these samples'));
    shut.onclick = () => this.close();
    this.host.hidden = false;
    this.host.replaceChildren(shut);
  }

  private ask(content: unknown): Promise<Reply> {
    const request = ++this.count;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject });
      this.model.send({ type: 'beside', request, content });
    });
  }

  // numbers of its own: the chart counts its questions from one
  private count = 1_000_000;
  private asked = 0;
  private clean: (() => void) | null = null;
  private from: HTMLElement | null = null;
  private readonly waiting = new Map<number, Waiting>();
}

/** Findings as a table, folded; a row with a selection has a button that opens it. */
export function linkedTable(title: string, table: LinkedTable, open: ((where: Where) => void) | null): HTMLElement {
  const numeric = table.columns.map((_, i) => i > 0 && table.rows.every(r => typeof r[i] === 'number' || /^[-+–]?[\d.,%]*$/.test(String(r[i]))));
  const body = table.rows.map((row, k) => {
    const where = table.opens[k];
    const first: Node | string = open && where ? h('button', { type: 'button', class: 'veml-link', title: trans.__('Open its samples') }, String(row[0])) : String(row[0]);
    if (first instanceof HTMLElement) first.onclick = () => open!(where!);
    return h('tr', {}, h('td', {}, first), ...row.slice(1).map((v, i) => h('td', { class: numeric[i + 1] ? 'n' : undefined }, typeof v === 'number' ? v.toLocaleString('en-US') : v)));
  });
  return h('details', { class: 'veml-found', 'data-table': title }, h('summary', {}, `${trans.__(title)} (${table.rows.length.toLocaleString('en-US')})`),
    h('div', { class: 'veml-scroll', tabindex: 0, role: 'region', 'aria-label': trans.__(title) },
      h('table', { class: 'veml-table' }, h('thead', {}, h('tr', {}, ...table.columns.map((c, i) => h('th', { class: numeric[i] ? 'n' : undefined }, trans.__(c))))), h('tbody', {}, ...body))));
}
