/** Which lab the panel shows: that of the active notebook, or of the active tab on a lab with a kernel of its own. */
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import { ABCWidgetFactory, DocumentWidget } from '@jupyterlab/docregistry';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import { vemlIcon } from './icon';
import { LineageTab } from './lineageTab';
import { Executions, LabModel } from './model';

export const FACTORY = 'VeML Lab';
export const FILE_TYPE: Partial<DocumentRegistry.IFileType> & { name: string } = {
  name: 'veml-lab', displayName: 'VeML Lab', pattern: '^lab\\.toml$', extensions: [], mimeTypes: ['application/toml'], contentType: 'file', fileFormat: 'text', icon: vemlIcon
};

/** Every lab that has a tab, and the one that is looked at. */
export class Labs {
  readonly notebook: LabModel;

  constructor(notebooks: INotebookTracker, private readonly executions: Executions) {
    this.notebook = new LabModel(notebooks, executions);
    this.shown = this.notebook;
  }

  get current(): LabModel { return this.shown; }
  /** Another lab is looked at, or one came or went. */
  get changed(): ISignal<this, void> { return this.said; }

  /** The model of a lab's document, or of the notebooks for ''; null while that document is not open. */
  of(source: string): LabModel | null {
    return source ? this.opened.get(source) ?? null : this.notebook;
  }

  sourceOf(model: LabModel): string {
    return [...this.opened].find(([, m]) => m === model)?.[0] ?? '';
  }

  /** A lab's document was opened: its own kernel loads the package and opens the lab. */
  open(context: DocumentRegistry.Context): LabModel {
    const path = context.path;
    const model = new LabModel(null, this.executions, context.sessionContext);
    model.polls = this.notebook.polls;
    this.opened.set(path, model);
    context.disposed.connect(() => {
      this.opened.delete(path);
      if (this.shown === model) this.shown = this.notebook;
      model.dispose();
      this.said.emit();
    });
    this.show(model);
    return model;
  }

  /** The active tab has changed: the panel follows notebooks and labs, and stays where it is for anything else. */
  follow(widget: Widget | null, isNotebook: boolean): void {
    if (widget instanceof DocumentWidget && widget.content instanceof LineageTab) this.show(widget.content.model);
    else if (isNotebook) this.show(this.notebook);
  }

  set polls(value: boolean) {
    this.notebook.polls = value;
    for (const m of this.opened.values()) m.polls = value;
  }

  private show(model: LabModel): void {
    if (this.shown === model) return;
    this.shown = model;
    this.said.emit();
  }

  private shown: LabModel;
  private readonly opened = new Map<string, LabModel>();
  private readonly said = new Signal<this, void>(this);
}

/**
 * The tab of a lab, called as its folder.
 *
 * A document whose title changes renames its file: lab.toml must never be renamed, so the title is only set where
 * that was switched off for certain.
 */
class LabDocument extends DocumentWidget<LineageTab> {
  call(name: string): void {
    const renames = (this as unknown as { _onTitleChanged?: (...args: any[]) => any })._onTitleChanged;
    const free = renames !== undefined && this.title.changed.disconnect(renames, this);
    if (!free) return;
    const dress = () => { if (this.title.label !== name) this.title.label = name; };
    dress();
    this.title.changed.connect(dress);
  }
}

/** A lab's `lab.toml` opens as its lineage, live, with a kernel of its own. */
export class LabFactory extends ABCWidgetFactory<IDocumentWidget<LineageTab>> {
  constructor(private readonly labs: Labs, private readonly trans: TranslationBundle) {
    super({
      name: FACTORY, label: trans.__('VeML Lab'), fileTypes: [FILE_TYPE.name], defaultFor: [FILE_TYPE.name], readOnly: true, modelName: 'text',
      preferKernel: true, canStartKernel: true, autoStartDefault: true, shutdownOnClose: true
    } as any);
  }

  protected createNewWidget(context: DocumentRegistry.Context): IDocumentWidget<LineageTab> {
    const content = new LineageTab(this.labs.open(context), this.trans);
    const widget = new LabDocument({ content, context });
    widget.title.icon = vemlIcon;
    widget.call(context.path.split('/').slice(-2, -1)[0] || this.trans.__('Lab'));
    return widget;
  }
}
