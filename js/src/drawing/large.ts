/** One sample enlarged over its wall: marks by layer and class, zoom to its own pixels, next and previous, what is known of it. */
import { h } from './dom';
import { help } from './help';
import { Annotation, Colour, labelsOf, layer, Looks, seen } from './marks';
import { classKeys, nameOfLayer, seeing } from './seeing';
import { About, side } from './side';
import { Drawn, fit, Stage, View, zoomed } from './stage';
import { trans } from './words';

export interface LargeActions {
  describe: (i: number) => string;
  isChosen: (i: number) => boolean;
  choose: (i: number) => void;
  step: (by: number) => void;
  /** where it stands in the wall: of how many */
  at: (i: number) => [number, number];
  /** the picture again, with more of its pixels */
  finer: (i: number) => void;
  like: ((i: number) => void) | null;
  tag: ((i: number, tag: string, remove: boolean) => void) | null;
  note: ((i: number, text: string) => void) | null;
  looked: () => void;
  closed: () => void;
}

const MOST_ZOOM = 32;

export class LargeView {
  constructor(private readonly host: HTMLElement, private readonly colour: Colour, private readonly looks: Looks, private readonly act: LargeActions) {}

  get open(): number { return this.panel ? this.sample : -1; }

  /** Show a sample; what is known of it and its picture come when they are there. `shown`: two layers side by side, or none. */
  begin(i: number, a: Annotation | undefined, shown: string[]): void {
    const fresh = this.panel === null;
    this.sample = i;
    this.note = a;
    this.about = {};
    this.bitmap?.close?.();
    this.bitmap = null;
    this.natural = null;
    this.view = null;
    this.finest = false;
    this.pair = shown.length === 2 ? shown : [];
    if (fresh) this.build();
    this.head();
    this.beside();
    this.paint();
    if (fresh) this.panel!.focus({ preventScroll: true });
  }

  async picture(i: number, bytes: DataView): Promise<void> {
    let bitmap: ImageBitmap;
    try {
      bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)], { type: 'image/jpeg' }));
    } catch {
      return this.say(trans.__('this picture is damaged'));
    }
    if (i !== this.open) return bitmap.close?.();
    this.bitmap?.close?.();
    this.bitmap = bitmap;
    this.panel!.dataset.loaded = String(bitmap.width);
    this.paint();
  }

  tell(i: number, about: About, size: [number, number] | null): void {
    if (i !== this.open) return;
    const moved = this.view;
    this.about = about;
    if (size && this.bitmap && !this.natural && moved) this.view = { ...moved, scale: (moved.scale * this.bitmap.width) / size[0] };
    this.natural = size;
    this.beside();
    this.paint();
  }

  say(text: string): void {
    if (this.said) this.said.textContent = text;
  }

  /** Draw anew: marks were hidden, the theme has changed. */
  paint(): void {
    if (!this.panel || !this.note) return;
    const [width, height] = this.size();
    const first = this.stages[0]?.canvas;
    if (!first) return;
    const view = this.view ?? fit(width, height, first.clientWidth, first.clientHeight);
    this.now = view;
    const names = this.pair.length ? this.pair : ['annotations', 'prediction'].filter(n => layer(this.note!, n));
    this.stages.forEach((stage, k) => {
      const drawn: Drawn[] = (this.pair.length ? [names[k]] : names).filter(n => !this.looks.layers.has(n)).flatMap(n => {
        const marks = layer(this.note!, n);
        return marks ? [{ marks: seen(marks, this.looks, n !== 'annotations'), dashed: n === 'prediction' }] : [];
      });
      stage.canvas.setAttribute('aria-label', `${this.pair.length ? `${nameOfLayer(names[k])}: ` : ''}${this.act.describe(this.sample)}`);
      stage.draw(this.bitmap, width, height, view, drawn, this.colour, this.looks.labels);
    });
    const zoom = `${Math.round(100 * view.scale)} %`;
    if (this.percent) this.percent.textContent = zoom;
    this.panel.dataset.zoom = String(Math.round(100 * view.scale));
    if (this.bitmap && !this.finest && this.natural && this.bitmap.width < this.natural[0] && view.scale * this.natural[0] > 1.1 * this.bitmap.width) {
      this.finest = true;
      this.act.finer(this.sample);
    }
  }

  close(): void {
    const was = this.panel;
    this.take();
    if (was) this.act.closed();
  }

  take(): void {
    this.resizing?.disconnect();
    this.resizing = null;
    this.panel?.remove();
    this.panel = this.said = this.percent = null;
    for (const other of [...this.host.children] as HTMLElement[]) other.inert = false;
    this.bitmap?.close?.();
    this.bitmap = null;
    this.stages = [];
  }

  private size(): [number, number] {
    return this.natural ?? (this.bitmap ? [this.bitmap.width, this.bitmap.height] : [1, 1]);
  }

  private build(): void {
    for (const other of [...this.host.children] as HTMLElement[]) other.inert = true; // what lies under it cannot be reached
    this.bar = h('div', { class: 'veml-bar veml-largebar' });
    this.aside = h('aside', { class: 'veml-side', tabindex: 0, 'aria-label': trans.__('About this sample') });
    this.figures = h('div', { class: 'veml-pair' });
    this.panel = h('div', { class: 'veml-large', role: 'dialog', tabindex: -1 }, this.bar, h('div', { class: 'veml-largebody' }, this.figures, this.aside));
    this.panel.onkeydown = e => this.key(e);
    this.resizing = new ResizeObserver(() => this.paint());
    this.resizing.observe(this.figures);
    this.host.append(this.panel);
    this.stages = [];
  }

  private head(): void {
    const wanted = this.pair.length || 1;
    if (this.stages.length !== wanted) {
      this.stages = Array.from({ length: wanted }, () => new Stage());
      this.stages.forEach(s => this.listen(s.canvas));
      this.figures.replaceChildren(...this.stages.map((s, k) => h('figure', {}, ...(this.pair.length ? [h('figcaption', { class: 'veml-note' }, nameOfLayer(this.pair[k]))] : []), s.canvas)));
    }
    const [place, of] = this.act.at(this.sample);
    this.panel!.setAttribute('aria-label', trans.__('Sample %1', this.sample));
    this.panel!.dataset.sample = String(this.sample);
    delete this.panel!.dataset.loaded;
    const focused = this.bar.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.does : undefined;
    const button = (does: string, text: string, said: string, press: () => void, off = false) => {
      const b = h('button', { type: 'button', 'data-does': does, 'aria-label': said, title: said, disabled: off }, text);
      b.onclick = press;
      return b;
    };
    this.percent = h('span', { class: 'veml-note veml-percent' });
    this.said = h('span', { class: 'veml-note', role: 'status' });
    const chosen = this.act.isChosen(this.sample);
    this.bar.replaceChildren(
      h('span', { class: 'veml-segments' }, button('back', '‹', trans.__('Previous sample (←)'), () => this.act.step(-1), place <= 0), button('on', '›', trans.__('Next sample (→)'), () => this.act.step(1), place >= of - 1)),
      h('span', { class: 'veml-note' }, trans.__('%1 of %2', place + 1, of)),
      h('span', { class: 'veml-segments' }, button('out', '−', trans.__('Smaller (-)'), () => this.zoom(1 / 1.4)), button('fit', trans.__('Fit'), trans.__('The whole picture (0)'), () => this.whole()),
        button('one', '1:1', trans.__('Its own pixels (1)'), () => this.pixels()), button('in', '+', trans.__('Larger (+)'), () => this.zoom(1.4))),
      this.percent, this.said, h('span', { class: 'veml-space' }),
      ...(this.act.like ? [button('like', trans.__('Like this'), trans.__('Samples like this picture (s)'), () => this.act.like!(this.sample))] : []),
      button('choose', chosen ? trans.__('Let go') : trans.__('Choose'), chosen ? trans.__('Let go') : trans.__('Choose'), () => this.pick()),
      button('help', '?', trans.__('Keys (?)'), () => this.keys()), button('shut', trans.__('Close'), trans.__('Close'), () => this.close()));
    if (focused) (this.bar.querySelector(`[data-does=${focused}]:not([disabled])`) as HTMLElement | null ?? this.panel!).focus({ preventScroll: true });
  }

  /** The panel beside the picture; a field that is written in is left alone, but for what is said above it. */
  private beside(): void {
    const a = this.note;
    if (!a) return;
    const layers = ['annotations', ...(a.prediction ? ['prediction'] : []), ...(this.pair.length ? Object.keys(a.layers ?? {}) : [])];
    const counted = new Map<string, number>();
    for (const name of layers) {
      const m = layer(a, name);
      if (m) [...labelsOf(m), ...(m.label === null ? [] : [m.label])].forEach(l => counted.set(l, (counted.get(l) ?? 0) + 1));
    }
    const changed = () => { this.act.looked(); this.paint(); this.pressed(); };
    const i = this.sample;
    this.aside.replaceChildren(
      h('section', {}, h('h4', {}, trans.__('What is drawn')), ...seeing(this.looks, layers, Boolean(a.prediction), changed), h('div', { class: 'veml-classes' }, ...classKeys([...counted.keys()].sort(), this.colour, this.looks, changed))),
      ...side(this.about, a.cost, a.kinds, {
        tag: this.act.tag && ((tag, remove) => this.act.tag!(i, tag, remove)),
        note: this.act.note && (text => this.act.note!(i, text))
      }));
    this.pressed = () => {
      const on = [...layers.map(l => !this.looks.layers.has(l)), this.looks.labels, ...[...counted.keys()].sort().map(c => !this.looks.classes.has(c))];
      this.aside.querySelectorAll('.veml-toggle').forEach((b, k) => b.setAttribute('aria-pressed', String(on[k])));
    };
  }

  private listen(canvas: HTMLCanvasElement): void {
    let from: { x: number; y: number; view: View } | null = null;
    canvas.addEventListener('wheel', e => {
      e.preventDefault();
      const r = canvas.getBoundingClientRect();
      this.zoom(Math.exp(-e.deltaY * 0.002), e.clientX - r.left, e.clientY - r.top);
    }, { passive: false });
    canvas.onpointerdown = e => {
      from = { x: e.clientX, y: e.clientY, view: this.now };
      canvas.setPointerCapture?.(e.pointerId);
    };
    canvas.onpointermove = e => {
      if (!from) return;
      this.view = { ...from.view, x: from.view.x + e.clientX - from.x, y: from.view.y + e.clientY - from.y };
      this.paint();
    };
    canvas.onpointerup = canvas.onpointercancel = () => { from = null; };
    canvas.ondblclick = () => (Math.abs(this.now.scale - 1) < 0.01 ? this.whole() : this.pixels());
  }

  private zoom(factor: number, x?: number, y?: number): void {
    const stage = this.stages[0].canvas;
    this.view = zoomed(this.now, Math.max(0.02, Math.min(MOST_ZOOM, this.now.scale * factor)), x ?? stage.clientWidth / 2, y ?? stage.clientHeight / 2);
    this.paint();
  }

  private whole(): void {
    this.view = null;
    this.paint();
  }

  private pixels(): void {
    this.zoom(1 / this.now.scale);
  }

  private move(x: number, y: number): void {
    this.view = { ...this.now, x: this.now.x + x, y: this.now.y + y };
    this.paint();
  }

  private pick(): void {
    this.act.choose(this.sample);
    this.head();
    this.paint();
  }

  private turn(set: Set<string>, name: string): void {
    if (!set.delete(name)) set.add(name);
    this.act.looked();
    this.paint();
    this.pressed();
  }

  private key(e: KeyboardEvent): void {
    const keys: Record<string, () => void> = {
      Escape: () => this.close(), '+': () => this.zoom(1.4), '-': () => this.zoom(1 / 1.4), '0': () => this.whole(), '1': () => this.pixels(),
      c: () => this.pick(), s: () => this.act.like?.(this.sample), t: () => this.turn(this.looks.layers, 'annotations'), p: () => this.turn(this.looks.layers, 'prediction'),
      b: () => { this.looks.labels = !this.looks.labels; this.act.looked(); this.paint(); this.pressed(); }, '?': () => this.keys()
    };
    const by: Record<string, [number, number]> = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (by[e.key] && (e.shiftKey || !by[e.key][0])) this.move(...by[e.key]);
    else if (by[e.key]) this.act.step(e.key === 'ArrowRight' ? 1 : -1);
    else if (keys[e.key]) keys[e.key]();
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  private keys(): void {
    help(this.host, [
      ['← →', trans.__('previous and next sample')], ['+ −', trans.__('larger and smaller (or the wheel)')], ['0  1', trans.__('the whole picture, its own pixels')],
      [trans.__('Shift + arrows'), trans.__('move the picture (or drag it)')], ['t  p', trans.__('show or hide truth, prediction')], ['b', trans.__('words on boxes')],
      ['c', trans.__('choose it or let it go')], ['s', trans.__('samples like this picture')], ['Esc', trans.__('back to the wall')]
    ]);
  }

  private panel: HTMLElement | null = null;
  private bar!: HTMLElement;
  private aside!: HTMLElement;
  private figures!: HTMLElement;
  private said: HTMLElement | null = null;
  private percent: HTMLElement | null = null;
  private stages: Stage[] = [];
  private pair: string[] = [];
  private sample = -1;
  private note: Annotation | undefined;
  private about: About = {};
  private bitmap: ImageBitmap | null = null;
  private natural: [number, number] | null = null;
  private view: View | null = null;
  private now: View = { scale: 1, x: 0, y: 0 };
  private finest = false;
  private pressed: () => void = () => undefined;
  private resizing: ResizeObserver | null = null;
}
