/**
 * A drawing in a notebook that was saved and is opened again: its picture, until there is a kernel that knows it.
 *
 * A cell's output holds the widget and a static picture of it. JupyterLab prefers the widget, and says "model not
 * found" where no kernel holds it any more. Our outputs therefore name a type of their own, which stands before
 * the widget's: it shows the picture, asks ipywidgets for the widget all the same, and changes over when that is there.
 */
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

/** As veml_lab/widgets/_base.py writes it. */
export const DRAWING_MIME = 'application/vnd.veml.drawing+json';
const WIDGET_MIME = 'application/vnd.jupyter.widget-view+json';
const RANK = -20; // before ipywidgets' -10
/** So long the place stays empty: a widget whose kernel is there needs no picture before it. */
const PATIENCE_MS = 600;

type Registry = Notebook['rendermime'];
type Renderer = ReturnType<Registry['createRenderer']>;
type Output = Parameters<Renderer['renderModel']>[0];

export class SavedDrawing extends Panel {
  constructor(private readonly registry: Registry, private readonly ready: Promise<void>, private readonly trans: TranslationBundle) {
    super();
    this.addClass('veml-saved');
  }

  async renderModel(output: Output): Promise<void> {
    this.clear();
    const picture = this.registry.createRenderer('text/html');
    picture.addClass('veml-saved-picture');
    this.addWidget(picture);
    this.node.dataset.state = 'still';
    const drawn = picture.renderModel(output);
    // as JupyterLab does: what a notebook of strangers brings may be looked at, not run
    if (output.trusted && output.data[WIDGET_MIME] && this.registry.mimeTypes.includes(WIDGET_MIME)) void this.enliven(output);
    await drawn;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.clear();
    super.dispose();
  }

  /** Ask for the widget; it is shown as long as ipywidgets has a view of it. */
  private async enliven(output: Output): Promise<void> {
    const note = new Widget();
    note.addClass('veml-saved-note');
    note.node.textContent = this.trans.__('A saved picture; run the cell for the live view.');
    this.addWidget(note);
    let live: Widget | null = null, patient = true;
    const look = () => {
      const alive = live instanceof Panel && live.widgets.length > 0 && !live.isHidden;
      this.node.dataset.state = alive ? 'live' : patient ? 'wait' : 'still';
    };
    const watch = new MutationObserver(look);
    const timer = window.setTimeout(() => {
      patient = false;
      look();
    }, PATIENCE_MS);
    const leave = (this.leave = () => {
      watch.disconnect();
      window.clearTimeout(timer);
    });
    look();
    await this.ready;
    if (this.leave !== leave) return; // another output took its place meanwhile
    const widget = this.registry.createRenderer(WIDGET_MIME);
    widget.addClass('veml-saved-live');
    this.addWidget(widget);
    live = widget;
    watch.observe(widget.node, { childList: true, attributes: true, attributeFilter: ['class'] });
    await widget.renderModel(output);
  }

  private clear(): void {
    this.leave();
    this.leave = () => undefined;
    [...this.widgets].forEach(w => w.dispose());
  }

  private leave: () => void = () => undefined;
}

/** From now on this notebook shows the pictures of drawings that no kernel holds. */
export function showSaved(book: NotebookPanel, trans: TranslationBundle): void {
  const registry = book.content.rendermime;
  const early = registry.getFactory(WIDGET_MIME);
  // ipywidgets puts a factory of its own in when the kernel is there; what an earlier one makes waits for ever
  const ready = book.sessionContext.ready.then(async () => {
    for (let i = 0; i < 40 && registry.getFactory(WIDGET_MIME) === early && !book.isDisposed; i++) await new Promise(go => window.setTimeout(go, 50));
  });
  registry.addFactory({ safe: true, mimeTypes: [DRAWING_MIME], createRenderer: () => new SavedDrawing(registry, ready, trans) }, RANK);
}
