/** The status bar: how many training jobs of the lab run. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import type { Following } from './panel';

export class JobStatus extends Widget {
  constructor(private readonly labs: Following, private readonly trans: TranslationBundle, open: () => void) {
    super();
    this.addClass('veml-status');
    this.button = document.createElement('button');
    this.button.type = 'button';
    this.button.onclick = open;
    this.node.append(this.button);
    labs.changed.connect(this.turn, this);
    this.turn();
  }

  /** Whether there is a lab to tell of. */
  get isActive(): boolean { return this.labs.current.state === 'ready'; }

  dispose(): void {
    if (this.isDisposed) return;
    this.labs.changed.disconnect(this.turn, this);
    this.leave();
    super.dispose();
  }

  private turn(): void {
    this.leave();
    const model = this.labs.current;
    model.changed.connect(this.say, this);
    const unwatch = model.watch(() => this.isVisible && model.runningJobs > 0); // while something runs, the end of it is to be seen
    this.leave = () => {
      model.changed.disconnect(this.say, this);
      unwatch();
    };
    this.say();
  }

  private say(): void {
    const { lab, runningJobs: n } = this.labs.current;
    this.button.textContent = n ? this.trans._n('VeML: %1 job running', 'VeML: %1 jobs running', n) : this.trans.__('VeML: %1', lab?.name ?? '');
    this.button.title = this.trans.__('Show the jobs of the lab');
    this.node.dataset.running = String(n);
  }

  private readonly button: HTMLButtonElement;
  private leave: () => void = () => undefined;
}

/** Says when the status item may have appeared or gone: another lab, or another state of this one. */
export class StatusTurn {
  constructor(private readonly labs: Following) {
    labs.changed.connect(this.turn, this);
    this.turn();
  }

  get changed(): ISignal<this, void> { return this.said; }

  private turn(): void {
    this.model?.changed.disconnect(this.say, this);
    this.model = this.labs.current;
    this.model.changed.connect(this.say, this);
    this.said.emit();
  }

  private say(): void { this.said.emit(); }

  private model: Following['current'] | null = null;
  private readonly said = new Signal<this, void>(this);
}
