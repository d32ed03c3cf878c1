/** A model as anywidget gives it, and a kernel with one comm. */

export class FakeModel<T extends object> {
  readonly sent: any[] = [];
  saves = 0;
  private readonly listeners = new Map<string, Set<(...a: any[]) => void>>();
  constructor(readonly state: T) {}
  get<K extends keyof T>(name: K): T[K] { return this.state[name]; }
  set<K extends keyof T>(name: K, value: T[K]): void {
    this.state[name] = value;
    this.emit(`change:${String(name)}`);
  }
  save_changes(): void { this.saves++; }
  on(event: string, f: (...a: any[]) => void): void {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event)!.add(f);
  }
  off(event: string, f: (...a: any[]) => void): void { this.listeners.get(event)?.delete(f); }
  send(content: unknown): void { this.sent.push(content); }
  emit(event: string, ...args: unknown[]): void { [...(this.listeners.get(event) ?? [])].forEach(f => f(...args)); }
  get listening(): number { return [...this.listeners.values()].reduce((n, s) => n + s.size, 0); }
}

/** Until something holds; a loaded machine may take a while. */
export async function until(holds: () => boolean, ms = 240_000): Promise<void> {
  for (const end = Date.now() + ms; !holds() && Date.now() < end;) await soon(20);
}

/** A while, as turns of the event loop: one long timer is up at once where the process was held, and what waits for it is not. */
export async function soon(ms = 30): Promise<void> {
  for (let left = ms; left > 0; left -= 5) await new Promise(r => setTimeout(r, Math.min(5, left)));
}

/** `answers` maps a question to its result; a missing one is answered with an error. Null: no such target. */
export function fakeKernel(answers: Record<string, unknown> | null, protocol = 2) {
  const asked: { id: number; question: string; params: any }[] = [];
  const order: string[] = [];
  const comms: any[] = [];
  const make = () => {
    const comm: any = {
      isDisposed: false,
      commsOverSubshells: 'perCommTarget',
      subshellStarted: soon(5).then(() => void order.push('subshell')),
      open: () => {
        order.push('open');
        setTimeout(() => (answers ? comm.onMsg({ content: { data: { event: 'hello', version: '0.1.0', protocol } } }) : comm.onClose({})), 1);
      },
      send: (d: any) => {
        asked.push(d);
        const known = answers && d.question in answers;
        const reply = known ? { id: d.id, result: answers[d.question] } : { id: d.id, error: { name: 'UnknownName', message: `there is no question ${d.question}` } };
        setTimeout(() => comm.onMsg?.({ content: { data: reply } }), 1);
      },
      close: () => { comm.isDisposed = true; }
    };
    comms.push(comm);
    return comm;
  };
  const kernel: any = {
    supportsSubshells: true,
    createComm: make,
    info: Promise.resolve({ language_info: { name: 'python' } }),
    requestExecute: () => ({ done: Promise.resolve({ content: { status: 'ok' } }) }),
    requestKernelInfo: () => Promise.resolve()
  };
  return { kernel, asked, order, comms };
}
