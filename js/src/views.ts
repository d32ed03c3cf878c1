/** Main-area tabs: any view of a lab, drawn by the same code as in a notebook cell. */
import type { JSONObject } from '@lumino/coreutils';
import { UUID } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';
import { h } from './drawing/dom';
import { PageModel, unpack } from './drawing/pageModel';
import type { LabModel } from './model';
import { patiently } from './rpc';

type Render = (context: { model: any; el: HTMLElement }) => () => void;

/** Each drawing is loaded when a tab first shows it. */
const RENDERS: Record<string, () => Promise<{ render: Render }>> = {
  Chart: () => import('./widgets/chart'),
  Comparison: () => import('./widgets/compare'),
  ConfusionMatrix: () => import('./widgets/confusion'),
  DriftPlot: () => import('./widgets/driftplot'),
  EmbeddingMap: () => import('./widgets/embedding'),
  JobList: () => import('./widgets/jobs'),
  LineageGraph: () => import('./widgets/lineage'),
  RunTable: () => import('./widgets/runs'),
  SampleBrowser: () => import('./widgets/browser'),
  SimilarityHeatmap: () => import('./widgets/heatmap'),
  TrainingCurves: () => import('./widgets/curves')
};

export interface ViewArgs {
  view: string;
  params: JSONObject;
  label: string;
  /** path of the lab's document where the lab has a kernel of its own; '' follows the notebooks */
  source: string;
}

export class ViewTab extends Widget {
  constructor(readonly args: ViewArgs, private readonly lab: () => LabModel | null, private readonly trans: TranslationBundle) {
    super();
    this.addClass('veml-view-tab');
    this.host = h('div', { class: 'veml-tab-host' });
    this.note = h('div', { class: 'veml-tab-note', role: 'status' });
    this.node.append(this.note, this.host);
    this.node.dataset.view = args.view;
  }

  /** The lab may be there only now: show the view if it is not shown yet. */
  attend(): void {
    const lab = this.lab();
    if (lab === this.model && (this.clean || this.asking)) return;
    if (lab !== this.model) {
      this.model?.changed.disconnect(this.follow, this);
      this.model = lab;
      lab?.changed.connect(this.follow, this);
    }
    this.follow();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.model?.changed.disconnect(this.follow, this);
    this.model?.closeView(this.key);
    this.clean?.();
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.attend();
  }

  private follow(): void {
    const lab = this.model;
    const now = lab?.state === 'ready' ? `${lab.lab?.path}` : '';
    if (now && now !== this.shown) void this.present(now);
    else if (!now && lab?.state !== 'connecting') {
      this.shown = '';
      this.say(this.trans.__('No lab is open here yet; the VeML panel says what to do.'));
    }
  }

  private async present(path: string): Promise<void> {
    this.shown = path;
    this.asking = true;
    this.say(this.trans.__('Asking the kernel…'));
    const lab = this.model!;
    try {
      const { result, buffers } = await patiently(
        () => lab.view(this.args.view, this.args.params, this.key), () => !this.isDisposed && this.shown === path && lab.state === 'ready',
        () => this.say(this.trans.__('The kernel is busy; asking again…')));
      const load = RENDERS[result.widget];
      if (!load) throw new Error(this.trans.__('This page cannot draw %1; reload it after an update.', result.widget));
      const { render } = await load();
      if (this.isDisposed || this.shown !== path) return;
      this.clean?.();
      this.host.replaceChildren();
      // a tab's drawing takes the room of the tab
      if (typeof result.state.height === 'number' && this.node.clientHeight > 420) result.state.height = this.node.clientHeight - 130;
      const model = new PageModel(unpack(result.state, result.paths, buffers), content => lab.viewMessage(this.key, content));
      this.clean = render({ model, el: this.host });
      this.say('');
      this.node.dataset.ready = '1';
    } catch (e) {
      this.shown = '';
      this.say((e as Error).message);
    } finally {
      this.asking = false;
    }
  }

  private say(text: string): void {
    if (this.isDisposed) return;
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  private readonly key = UUID.uuid4();
  private readonly host: HTMLElement;
  private readonly note: HTMLElement;
  private model: LabModel | null = null;
  private clean: (() => void) | null = null;
  private shown = '';
  private asking = false;
}
