/** The part of anywidget's model that the drawings use. */

export interface WidgetModel<T> {
  get<K extends keyof T>(name: K): T[K];
  set<K extends keyof T>(name: K, value: T[K]): void;
  save_changes(): void;
  on(event: string, listener: (...args: any[]) => void): void;
  off(event: string, listener: (...args: any[]) => void): void;
  send(content: unknown): void;
}

export interface RenderContext<T> {
  model: WidgetModel<T>;
  el: HTMLElement;
}
