/** Named questions to the kernel of a notebook, over one comm that runs on a kernel subshell. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import { ISignal, Signal } from '@lumino/signaling';
import { trans } from './drawing/words';

/** The kernel has no `veml` target: `veml_lab` is not imported in it. */
export class NotLoaded extends Error {
  constructor() {
    super(trans.__('veml_lab is not loaded in this kernel'));
  }
}

/** The kernel answered with an error, or did not answer. */
export class RpcError extends Error {}

/** The kernel has not answered yet: it is busy, and may be asked again. */
export class NoAnswer extends RpcError {}

/** Ask, and ask again while the kernel only does not answer yet; `still`: whether anybody wants to know. */
export async function patiently<T>(ask: () => Promise<T>, still: () => boolean, late: () => void = () => undefined): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (e) {
      if (!(e instanceof NoAnswer) || !still()) throw e;
      late();
    }
  }
}

export interface Hello {
  version: string;
  protocol: number;
}

/** A result with its binary parts (pictures, points). */
export interface Packed<T> {
  result: T;
  buffers: DataView[];
}

interface Waiting {
  resolve: (value: Packed<any>) => void;
  reject: (reason: Error) => void;
  timer: number;
}

/** What of CommHandler is not on the IComm interface yet (JupyterLab 4.6). */
interface SubshellComm {
  subshellStarted?: Promise<void>;
  commsOverSubshells?: string;
}

export class KernelRpc {
  static readonly TARGET = 'veml';

  constructor(readonly kernel: Kernel.IKernelConnection) {}

  /** What the kernel says unasked: a version was made. */
  get event(): ISignal<this, JSONObject> { return this.told; }
  get closed(): ISignal<this, void> { return this.gone; }
  get isOpen(): boolean { return this.comm !== null; }

  async open(timeout_ms = 10_000): Promise<Hello> {
    const comm = this.kernel.createComm(KernelRpc.TARGET);
    const { subshellStarted, commsOverSubshells } = comm as unknown as SubshellComm;
    // comm_open must not be sent before the subshell is there: it would go to the main shell and wait for the cell
    // ... but what a kernel answers while it restarts can be lost, and then the main shell is better than none
    if (this.kernel.supportsSubshells && commsOverSubshells !== 'disabled') await within(Promise.resolve(subshellStarted), timeout_ms).catch(() => undefined);
    this.comm = comm;
    return new Promise<Hello>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.dispose();
        reject(new RpcError(trans.__('the kernel does not answer')));
      }, timeout_ms);
      comm.onMsg = message => {
        const data = message.content.data as JSONObject;
        if (data.event === 'hello') {
          window.clearTimeout(timer);
          resolve(data as unknown as Hello);
        } else if (data.event) this.told.emit(data);
        else this.settle(message);
      };
      comm.onClose = () => {
        window.clearTimeout(timer);
        this.fail();
        reject(new NotLoaded());
        this.gone.emit();
      };
      comm.open({});
    });
  }

  async ask<T>(question: string, params: JSONObject = {}, timeout_ms = 20_000): Promise<T> {
    return (await this.askPacked<T>(question, params, timeout_ms)).result;
  }

  /** As `ask`, with the binary parts of the answer. */
  askPacked<T>(question: string, params: JSONObject = {}, timeout_ms = 60_000): Promise<Packed<T>> {
    if (!this.comm) return Promise.reject(new NotLoaded());
    const id = ++this.count;
    return new Promise<Packed<T>>((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.waiting.delete(id);
        reject(new NoAnswer(trans.__('no answer to "%1" in %2 s', question, timeout_ms / 1000)));
      }, timeout_ms);
      this.waiting.set(id, { resolve, reject, timer });
      this.comm!.send({ id, question, params });
    });
  }

  /** Load the kernel side; nothing enters the history of the notebook. */
  async load(timeout_ms = 120_000): Promise<void> {
    const code = 'import veml_lab.panel as _p; _p.register(); del _p';
    const run = this.kernel.requestExecute({ code, silent: true, store_history: false, stop_on_error: false });
    // `done` waits for an "idle" as well, on a channel that may not be listened to yet after a restart
    const replied = new Promise<KernelMessage.IExecuteReplyMsg>(resolve => (run.onReply = resolve));
    const reply = await within(Promise.race([replied, run.done]), timeout_ms);
    if (reply.content.status !== 'ok') {
      throw new RpcError((reply.content as KernelMessage.IReplyErrorContent).evalue || trans.__('veml_lab could not be imported'));
    }
  }

  dispose(): void {
    const comm = this.comm;
    this.fail();
    if (comm && !comm.isDisposed) {
      comm.onClose = () => undefined;
      try {
        void comm.close();
      } catch {
        // the kernel is gone, and the comm with it
      }
    }
    Signal.clearData(this);
  }

  private settle(message: KernelMessage.ICommMsgMsg): void {
    const { id, result, error } = message.content.data as { id: number; result?: unknown; error?: { message: string } };
    const waiting = this.waiting.get(id);
    if (!waiting) return;
    this.waiting.delete(id);
    window.clearTimeout(waiting.timer);
    if (error) waiting.reject(new RpcError(error.message));
    else waiting.resolve({ result, buffers: (message.buffers ?? []).map(asView) });
  }

  private fail(): void {
    this.comm = null;
    for (const w of this.waiting.values()) {
      window.clearTimeout(w.timer);
      w.reject(new RpcError(trans.__('the connection to the kernel was closed')));
    }
    this.waiting.clear();
  }

  private comm: Kernel.IComm | null = null;
  private count = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly told = new Signal<this, JSONObject>(this);
  private readonly gone = new Signal<this, void>(this);
}

/** What is promised, or an error where it does not come in time. */
export function within<T>(promised: Promise<T>, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = window.setTimeout(() => reject(new RpcError(trans.__('the kernel does not answer'))), ms);
    promised.then(resolve, reject).finally(() => window.clearTimeout(timer));
  });
}

function asView(buffer: ArrayBuffer | ArrayBufferView): DataView {
  return ArrayBuffer.isView(buffer) ? new DataView(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength) : new DataView(buffer);
}
