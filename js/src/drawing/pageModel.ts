/** State of a drawing that lives in the page alone: tabs of JupyterLab, and published folders. */
import type { WidgetModel } from './model';

export interface Reply {
  result: any;
  buffers: DataView[];
}

/** Put binary parts back where they were in a state. */
export function unpack(state: any, paths: (string | number)[][], buffers: DataView[]): any {
  paths.forEach((path, i) => {
    let at = state;
    for (const step of path.slice(0, -1)) at = at[step];
    at[path[path.length - 1]] = buffers[i];
  });
  return state;
}

/** A model whose questions are answered by whoever `ask` reaches: always, by a result or an error. */
export class PageModel implements WidgetModel<any> {
  constructor(private readonly state: Record<string, unknown>, private readonly ask: (content: any) => Promise<Reply>) {}

  get(name: any): any { return this.state[name]; }
  set(name: any, value: unknown): void {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.emit(`change:${String(name)}`);
  }
  save_changes(): void { /* nobody else holds this state */ }
  on(event: string, listener: (...args: any[]) => void): void {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }
  off(event: string, listener: (...args: any[]) => void): void {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter(l => l !== listener));
  }
  send(content: unknown): void {
    this.ask(content).then(
      ({ result, buffers }) => this.emit('msg:custom', result, buffers),
      (e: Error) => this.emit('msg:custom', { type: 'error', request: (content as { request?: number }).request ?? -1, message: e.message }, []));
  }
  private emit(event: string, ...args: unknown[]): void {
    (this.listeners.get(event) ?? []).forEach(l => l(...args));
  }
  private readonly listeners = new Map<string, ((...args: any[]) => void)[]>();
}
