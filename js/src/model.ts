/** What the panel and the lineage tab show: the lab that the kernel of the active notebook has open. */
import type { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';
import { ALL, asked, CaseBoard, CaseFilter, NO_CASES } from './cases';
import type { Dress } from './drawing/graph';
import type { GraphEdge, GraphNode } from './drawing/layout';
import { isRunning, JobState } from './drawing/jobs';
import { Hello, KernelRpc, NoAnswer, NotLoaded, Packed, patiently, within } from './rpc';
import { PROTOCOL } from './version';

export interface Row {
  id: string;
  kind: string;
  name: string;
  created: string;
  summary: string;
  metric: number | null;
  metric_name: string | null;
  bad_cases?: boolean;
}
/** A similarity or a drift report that the lab keeps. */
export interface Result {
  number: number;
  name: string;
  made: string;
  summary: string;
  drifted?: boolean;
  /** the view that opens it, where that is not the one of its section */
  view?: string;
}
export interface Action {
  id: string;
  label: string;
  /** the line of Python that does it */
  code: string;
  /** the view that shows the same without a cell; empty where the line computes or writes */
  view: string;
  params: JSONObject | null;
  /** whether there is something to choose first */
  form?: boolean;
}
/** One thing to choose: one of some options (value, words), or a number. */
export interface FormField {
  name: string;
  label: string;
  value: string | number;
  options: [value: string, said: string][] | null;
  least: number;
  most: number;
}
/** What is asked before an action computes (veml_lab/faces/forms.py). */
export interface Form {
  fields: FormField[];
  says: [name: string, words: string][];
  code: string;
}
export interface Actions {
  /** what a cell needs before the line where the notebook has not named the lab yet */
  before: string;
  actions: Action[];
}
export interface LabInfo {
  name: string;
  path: string;
  revision: string;
}
export type State =
  | 'no-notebook' | 'no-kernel' | 'not-python' | 'connecting' | 'not-loaded' | 'restarted' | 'no-lab' | 'mismatch' | 'error' | 'ready';

type Cell = NonNullable<Notebook['activeCell']>;

/** When cells run, in any notebook; in JupyterLab these are NotebookActions. */
export interface Executions {
  executionScheduled: ISignal<any, { notebook: Notebook; cell: Cell }>;
  executed: ISignal<any, { notebook: Notebook; cell: Cell }>;
}

const POLL_MS = 3000;

export class LabModel {
  state: State = 'no-notebook';
  error = '';
  kernelVersion = '';
  /** Whether a cell of the notebook is running or waits to. */
  get busy(): boolean { return this.running.size > 0; }
  labs: LabInfo[] = [];
  lab: LabInfo | null = null;
  rows: Row[] = [];
  results: { similarity: Result[]; drift: Result[] } = { similarity: [], drift: [] };
  /** bad cases that pass the filter, the most pressing first */
  cases: CaseBoard = NO_CASES;
  caseFilter: CaseFilter = ALL;
  jobs: JobState[] = [];
  /** jobs that run now, as of the last look */
  runningJobs = 0;
  selected = '';
  /** further versions that were chosen with Ctrl, to compare */
  marked: string[] = [];
  detail: JSONObject | null = null;
  actions: Actions = { before: '', actions: [] };
  labActions: Actions = { before: '', actions: [] };
  detailError = '';
  /** Whether the kernel has not answered lately: what is shown is what it said last. */
  late = false;
  /** Whether to look for versions that other processes made (a setting). */
  polls = true;

  /** Anything above changed. */
  get changed(): ISignal<this, void> { return this.said; }

  /** `own`: a session of the lab's own, whose kernel lies in the lab's folder; else the active notebook's is followed.
   * `infoMs`: how long a kernel may take to say what it is before it is asked again. */
  constructor(private readonly tracker: INotebookTracker | null, private readonly executions: Executions, readonly own: ISessionContext | null = null,
    private readonly infoMs = 60_000) {
    tracker?.currentChanged.connect(this.followNotebook, this);
    executions.executionScheduled.connect(this.scheduled, this);
    executions.executed.connect(this.executed, this);
    if (own) this.follow(own);
    else this.followNotebook();
    this.poll = window.setInterval(() => void this.look(), POLL_MS);
  }

  /** A view that is on the screen; without one nothing is polled. Returns how to take it away. */
  watch(visible: () => boolean): () => void {
    this.viewers.add(visible);
    return () => this.viewers.delete(visible);
  }

  /** Ask everything again. */
  async refresh(): Promise<void> {
    if (!this.context) return this.set('no-notebook');
    if (!this.rpc?.isOpen) return this.state === 'connecting' ? undefined : this.connect();
    const turn = ++this.turn;
    try {
      const { lab, labs, rows } = await this.rpc.ask<{ lab: LabInfo | null; labs: LabInfo[]; rows: Row[] }>('versions', this.which());
      if (turn !== this.turn) return; // a later question is under way
      this.labs = labs;
      this.lab = lab;
      this.rows = rows;
      if (this.selected && !rows.some(r => r.id === this.selected)) this.choose('');
      this.marked = this.marked.filter(id => rows.some(r => r.id === id));
      this.late = false;
      this.set(lab ? 'ready' : 'no-lab');
      if (lab) void this.more(turn);
    } catch (e) {
      if (turn === this.turn) this.failed(e as Error);
    }
  }

  /** What the list of versions does not need to appear: results, jobs, actions. Each may fail without the others. */
  private async more(turn: number): Promise<void> {
    const ask = async <T>(question: string, take: (found: T) => void, more: JSONObject = {}) => {
      try {
        const found = await this.ask<T>(question, { ...this.which(), ...more });
        if (turn === this.turn) take(found);
      } catch {
        // the panel shows what it has; the next revision asks again
      }
    };
    await Promise.all([
      ask<LabModel['results']>('results', r => (this.results = r)),
      ask<JobState[]>('jobs', j => this.takeJobs(j)),
      ask<CaseBoard>('cases', c => (this.cases = c), { where: asked(this.caseFilter) }),
      ask<Actions>('actions', a => (this.labActions = a))
    ]);
    if (turn === this.turn) this.said.emit();
  }

  /** List the bad cases that pass other filters. */
  async filterCases(filter: CaseFilter): Promise<void> {
    this.caseFilter = filter;
    this.said.emit();
    try {
      const found = await this.ask<CaseBoard>('cases', { ...this.which(), where: asked(filter) });
      if (this.caseFilter === filter) this.cases = found; // else a later choice was answered already
    } catch {
      // the panel shows what it has; the next revision asks again
    }
    this.said.emit();
  }

  private takeJobs(jobs: JobState[]): void {
    this.jobs = jobs;
    this.runningJobs = jobs.filter(isRunning).length;
  }

  /** Stop or resume a training job. */
  async job(what: 'stop' | 'resume', key: string): Promise<string> {
    const { message, jobs } = await this.ask<{ message: string; jobs: JobState[] }>('job', { ...this.which(), what, key });
    this.takeJobs(jobs);
    this.said.emit();
    return message;
  }

  /** Choose one more version, or let it go again. */
  mark(id: string): void {
    const at = this.marked.indexOf(id);
    if (!this.marked.length && this.selected && this.selected !== id) this.marked = [this.selected];
    if (at >= 0) this.marked = this.marked.filter(m => m !== id);
    else this.marked = [...this.marked, id];
    this.said.emit();
  }

  /** A view of this lab: its widget's name, state and binary parts. */
  view(view: string, params: JSONObject, key: string): Promise<Packed<{ widget: string; state: JSONObject; paths: (string | number)[][]; title: string }>> {
    return this.packed('view', { ...this.which(), view, params, key });
  }

  viewMessage(key: string, content: JSONObject): Promise<Packed<JSONObject>> {
    return this.packed('view_message', { key, content });
  }

  closeView(key: string): void {
    if (this.rpc?.isOpen) this.rpc.ask('view_close', { key }).catch(() => undefined);
  }

  private packed<T>(question: string, params: JSONObject): Promise<Packed<T>> {
    return this.rpc ? this.rpc.askPacked<T>(question, params) : Promise.reject(new NotLoaded());
  }

  async load(): Promise<void> {
    const kernel = this.kernel;
    if (!kernel) return;
    this.set('connecting');
    try {
      await new KernelRpc(kernel).load();
      await this.connect();
    } catch (e) {
      this.failed(e as Error);
    }
  }

  useLab(path: string): void {
    this.wanted = path;
    this.caseFilter = ALL; // another lab has other functions and weeks
    void this.refresh();
  }

  choose(id: string): void {
    if (id === this.selected) return;
    this.selected = id;
    this.marked = [];
    this.actions = { before: '', actions: [] };
    this.detail = null;
    this.detailError = '';
    this.said.emit();
    if (!id) return;
    void this.askActions(id);
    patiently(() => this.version(id), () => this.selected === id).then(detail => {
      if (this.selected !== id) return;
      this.detail = detail;
      this.said.emit();
    }, (e: Error) => {
      if (this.selected !== id) return;
      this.detailError = e.message;
      this.said.emit();
    });
  }

  /** What can be done with a version. */
  private async askActions(id: string): Promise<void> {
    try {
      const found = await this.ask<Actions>('actions', { ...this.which(), version: id });
      if (this.selected !== id) return;
      this.actions = found;
      this.said.emit();
    } catch {
      // the details say what is wrong
    }
  }

  version(id: string): Promise<JSONObject> {
    return this.ask('version', { ...this.which(), version: id });
  }

  form(version: string, action: string, values: JSONObject): Promise<Form> {
    return this.ask('form', { ...this.which(), version, action, values });
  }

  lineage(): Promise<{ nodes: GraphNode[]; edges: GraphEdge[]; dress?: Dress }> {
    return this.ask('lineage', this.which());
  }

  dispose(): void {
    window.clearInterval(this.poll);
    this.tracker?.currentChanged.disconnect(this.followNotebook, this);
    this.executions.executionScheduled.disconnect(this.scheduled, this);
    this.executions.executed.disconnect(this.executed, this);
    this.viewers.clear();
    this.follow(null);
    Signal.clearData(this);
  }

  private which(): JSONObject {
    return this.wanted ? { lab: this.wanted } : {};
  }

  private ask<T>(question: string, params: JSONObject): Promise<T> {
    return this.rpc ? this.rpc.ask<T>(question, params) : Promise.reject(new NotLoaded());
  }

  private get kernel(): Kernel.IKernelConnection | null {
    return this.context?.session?.kernel ?? null;
  }

  private followNotebook(): void {
    if (this.own) return;
    const panel: NotebookPanel | null = this.tracker?.currentWidget ?? null;
    this.follow(panel?.sessionContext ?? null);
  }

  private follow(context: ISessionContext | null): void {
    if (context === this.context) return;
    this.context?.kernelChanged.disconnect(this.kernelChanged, this);
    this.context?.statusChanged.disconnect(this.statusChanged, this);
    this.context?.connectionStatusChanged.disconnect(this.connectionChanged, this);
    this.context = context;
    context?.kernelChanged.connect(this.kernelChanged, this);
    context?.statusChanged.connect(this.statusChanged, this);
    context?.connectionStatusChanged.connect(this.connectionChanged, this);
    this.wanted = '';
    this.running.clear();
    void this.connect();
  }

  private kernelChanged(): void {
    void this.connect();
  }

  // the kernel's own status is of no use here: it says idle as soon as the subshell has answered us
  private scheduled(_: unknown, { notebook, cell }: { notebook: Notebook; cell: Cell }): void {
    if (notebook !== this.tracker?.currentWidget?.content) return;
    this.running.add(cell);
    this.said.emit();
  }

  /** A cell has run: it may have imported veml_lab, or opened a lab. */
  private executed(_: unknown, { cell }: { cell: Cell }): void {
    if (this.running.delete(cell)) this.said.emit();
    if (this.state === 'connecting') this.ranMeanwhile = true;
    else if (this.state === 'not-loaded' || this.state === 'restarted') void this.connect(this.state);
    else if (this.state === 'no-lab' || this.state === 'ready') void this.refresh();
  }

  private statusChanged(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this.drop();
      this.running.clear();
      this.set('restarted');
    } else if (this.own && this.state === 'restarted' && (status === 'idle' || status === 'busy')) void this.connect();
  }

  /** What was asked over an earlier socket is never answered: a restart makes a new one after the kernel is back. */
  private connectionChanged(_: ISessionContext, status: Kernel.ConnectionStatus): void {
    if (status === 'connected' && this.state === 'connecting') void this.connect();
  }

  /** Open the comm of the present kernel; `before` is what to go on saying where veml_lab is still not there. */
  private async connect(before?: State): Promise<void> {
    this.drop();
    this.ranMeanwhile = false;
    const context = this.context;
    if (!context) return this.set('no-notebook');
    const kernel = this.kernel;
    if (!kernel) return this.set('no-kernel');
    if (!before) this.set('connecting');
    const rpc = (this.rpc = new KernelRpc(kernel));
    try {
      const info = await within(kernel.info, this.infoMs).catch((e: Error) => {
        void kernel.requestKernelInfo().catch(() => undefined); // the answer to the first question was lost
        throw e;
      });
      if (this.rpc !== rpc) return;
      if (info.language_info.name !== 'python') return this.set('not-python');
      const hello = await this.greet(rpc);
      if (this.rpc !== rpc) return rpc.dispose();
      this.kernelVersion = hello.version;
      if (hello.protocol !== PROTOCOL) {
        this.drop();
        return this.set('mismatch');
      }
      rpc.event.connect(() => void this.refresh());
      // a kernel of the lab's own lies in its folder
      if (this.own) await rpc.ask('open', { path: '.' }, 60_000);
      await this.refresh();
    } catch (e) {
      if (this.rpc === rpc) this.failed(e as Error, before);
    }
  }

  /** A kernel that is the lab's own is made to load the package; a notebook's is left as it is until asked. */
  private async greet(rpc: KernelRpc): Promise<Hello> {
    try {
      return await rpc.open();
    } catch (e) {
      if (!this.own || !(e instanceof NotLoaded)) throw e;
      await rpc.load();
      return rpc.open();
    }
  }

  private failed(e: Error, before?: State): void {
    if (e instanceof NotLoaded) {
      this.set(before ?? 'not-loaded');
      if (this.ranMeanwhile) void this.connect(this.state);
      return;
    }
    if (e instanceof NoAnswer && this.state === 'ready') { // busy, not gone: what was said last stays, the next look asks again
      this.late = true;
      this.said.emit();
      return;
    }
    this.error = e.message;
    this.set('error');
  }

  private drop(): void {
    this.turn++;
    this.rpc?.dispose();
    this.rpc = null;
  }

  private async look(): Promise<void> {
    if (!this.polls || document.hidden || ![...this.viewers].some(v => v()) || this.asking) return;
    if (this.state !== 'ready' && this.state !== 'no-lab' && this.state !== 'error') return;
    if (this.state === 'error') return this.refresh();
    this.asking = true;
    const rpc = this.rpc;
    try {
      const { revision, running } = await this.ask<{ revision: string; running?: number }>('revision', this.which());
      if (this.late || revision !== (this.lab?.revision ?? '')) await this.refresh();
      else if (running || this.runningJobs) {
        this.takeJobs(await this.ask<JobState[]>('jobs', this.which()));
        this.said.emit();
      }
    } catch (e) {
      if (this.rpc === rpc) this.failed(e as Error); // a restart meanwhile is said as such
    } finally {
      this.asking = false;
    }
  }

  private set(state: State): void {
    this.state = state;
    if (state !== 'ready' && state !== 'connecting' && state !== 'error') {
      this.rows = [];
      this.lab = null;
      this.selected = '';
      this.marked = [];
      this.detail = null;
      this.results = { similarity: [], drift: [] };
      this.cases = NO_CASES;
      this.caseFilter = ALL;
      this.takeJobs([]);
    }
    this.said.emit();
  }

  private rpc: KernelRpc | null = null;
  private context: ISessionContext | null = null;
  private wanted = '';
  private turn = 0;
  private asking = false;
  private ranMeanwhile = false;
  private readonly running = new Set<Cell>();
  private readonly poll: number;
  private readonly viewers = new Set<() => boolean>();
  private readonly said = new Signal<this, void>(this);
}
