/** The lineage graph in JupyterLab's main area, live; the same drawing as in a notebook cell. */
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';
import { h } from './drawing/dom';
import { GraphView } from './drawing/graph';
import type { LabModel } from './model';
import { patiently } from './rpc';

export class LineageTab extends Widget {
  constructor(readonly model: LabModel, private readonly trans: TranslationBundle) {
    super();
    this.addClass('veml-lineage-tab');
    this.note = h('div', { class: 'veml-tab-note', role: 'status' });
    const host = h('div', { class: 'veml-tab-graph' });
    this.node.append(this.note, host);
    this.view = new GraphView(host, {
      label: trans.__('Lineage graph'),
      wheelZooms: true,
      onSelect: id => model.choose(model.rows.some(r => r.id === id) ? id : ''),
      details: id => (model.rows.some(r => r.id === id) ? model.version(id) : Promise.resolve({}))
    });
    this.unwatch = model.watch(() => this.isVisible);
    model.changed.connect(this.update_, this);
    this.update_();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.unwatch();
    this.model.changed.disconnect(this.update_, this);
    this.view.dispose();
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update_();
  }

  private update_(): void {
    const { lab, state, selected } = this.model;
    const wanted = lab ? `${lab.path} ${lab.revision}` : '';
    if (state === 'ready' && wanted !== this.shown) {
      this.shown = wanted;
      const wants = () => !this.isDisposed && this.shown === wanted;
      patiently(() => this.model.lineage(), wants, () => this.say(this.trans.__('The kernel is busy; asking again…'))).then(({ nodes, edges, dress }) => {
        if (!wants()) return;
        this.view.set(nodes, edges, dress);
        this.view.select(this.model.selected, false);
        this.say('');
      }, (e: Error) => {
        this.shown = '';
        this.say(e.message);
      });
    } else if (state === 'ready') this.view.select(selected, false);
    else if (state === 'error') this.say(this.model.error); // the graph as it was stays
    else if (this.model.own) {
      this.shown = '';
      if (state !== 'mismatch') this.say(this.trans.__('Starting…'));
    } else if (state !== 'connecting') {
      this.shown = '';
      this.view.set([], []);
      this.say(this.trans.__('No lab is open in the kernel of the active notebook; the VeML panel says what to do.'));
    }
  }

  private say(text: string): void {
    if (this.isDisposed) return;
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  private readonly view: GraphView;
  private readonly note: HTMLElement;
  private readonly unwatch: () => void;
  private shown = '';
}
