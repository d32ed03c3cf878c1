/** One sample enlarged over its wall: marks, zoom by wheel and keys, next and previous. */
import { h, Pictures } from './dom';
import { Annotation, Colour, layer, overlay } from './marks';
import { trans } from './words';

export interface LargeActions {
  describe: (i: number) => string;
  isChosen: (i: number) => boolean;
  choose: (i: number) => void;
  step: (by: number) => void;
  closed: () => void;
}

export class LargeView {
  constructor(private readonly host: HTMLElement, private readonly colour: Colour, private readonly act: LargeActions) {}

  /** `shown`: the layers to draw, one picture each where there are two. */
  show(i: number, bytes: DataView, a: Annotation | undefined, shown: string[]): void {
    this.take();
    const names = shown.length === 2 ? shown : ['annotations'];
    const figures = names.map(name => {
      const image = this.pictures.image(bytes, this.act.describe(i));
      const figure = h('figure', {}, h('div', { class: 'veml-zoomed' }, image));
      image.onload = () => {
        const own = a && layer(a, name);
        const layers: [any, boolean][] = own ? [[own, name === 'prediction']] : [];
        if (shown.length !== 2 && a?.prediction) layers.push([a.prediction, true]);
        const over = layers.length ? overlay(layers, this.colour, image.clientWidth || 1, image.clientHeight || 1) : null;
        if (over) image.parentElement?.append(over);
      };
      if (shown.length === 2) figure.append(h('figcaption', { class: 'veml-note' }, name));
      return figure;
    });
    const pick = h('button', { type: 'button' }, this.act.isChosen(i) ? trans.__('Let go') : trans.__('Choose'));
    const shut = h('button', { type: 'button' }, trans.__('Close'));
    pick.onclick = () => { this.act.choose(i); this.close(); };
    shut.onclick = () => this.close();
    const pair = h('div', { class: 'veml-pair' }, ...figures);
    this.panel = h('div', { class: 'veml-large', role: 'dialog', 'aria-label': trans.__('Sample %1', i) }, pair,
      h('div', {}, this.act.describe(i)), h('div', { style: 'display:flex;gap:8px' }, pick, shut));
    let zoom = 1;
    const scale = (to: number) => {
      zoom = Math.max(1, Math.min(8, to));
      pair.querySelectorAll<HTMLElement>('.veml-zoomed').forEach(z => (z.style.transform = zoom === 1 ? '' : `scale(${zoom})`));
    };
    pair.addEventListener('wheel', e => {
      e.preventDefault();
      const r = (e.target as HTMLElement).closest('figure')?.getBoundingClientRect();
      if (r) pair.querySelectorAll<HTMLElement>('.veml-zoomed').forEach(z => (z.style.transformOrigin = `${((e.clientX - r.left) / r.width) * 100}% ${((e.clientY - r.top) / r.height) * 100}%`));
      scale(zoom * Math.exp(-e.deltaY * 0.002));
    }, { passive: false });
    this.panel.onkeydown = e => {
      if (e.key === 'Escape') this.close();
      else if (e.key === 'ArrowRight' || e.key === 'ArrowLeft') this.act.step(e.key === 'ArrowRight' ? 1 : -1);
      else if (e.key === '+' || e.key === '-') scale(zoom * (e.key === '+' ? 1.4 : 1 / 1.4));
      else return;
      e.preventDefault();
      e.stopPropagation();
    };
    this.host.append(this.panel);
    shut.focus();
  }

  close(): void {
    const was = this.panel;
    this.take();
    if (was) this.act.closed();
  }

  take(): void {
    this.panel?.remove();
    this.panel = null;
    this.pictures.release();
  }

  private panel: HTMLElement | null = null;
  private readonly pictures = new Pictures();
}
