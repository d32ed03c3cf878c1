/** Pointer, wheel and keys on the lineage graph. */

/** What of the graph the input moves. */
export interface Pannable {
  readonly options: { wheelZooms?: boolean };
  hit(x: number, y: number): number;
  pan(dx: number, dy: number): void;
  zoom(factor: number, x?: number, y?: number): void;
  fit(): void;
  draw(): void;
  point(i: number): void;
  press(i: number, x?: number, y?: number): void;
  key(key: string): boolean;
}

/** Returns how to stop listening. */
export function listenTo(c: HTMLCanvasElement, graph: Pannable): () => void {
  let drag: { x: number; y: number; moved: boolean } | null = null;
  c.onpointerdown = e => {
    drag = { x: e.offsetX, y: e.offsetY, moved: false };
    c.setPointerCapture?.(e.pointerId);
  };
  c.onpointermove = e => {
    if (!drag) return graph.point(graph.hit(e.offsetX, e.offsetY));
    const dx = e.offsetX - drag.x, dy = e.offsetY - drag.y;
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    drag = { x: e.offsetX, y: e.offsetY, moved: true };
    graph.pan(dx, dy);
  };
  c.onpointerleave = () => graph.point(-1);
  c.onpointerup = e => {
    if (drag && !drag.moved) graph.press(graph.hit(e.offsetX, e.offsetY), e.offsetX, e.offsetY);
    drag = null;
  };
  c.ondblclick = e => {
    if (graph.hit(e.offsetX, e.offsetY) >= 0) return;
    graph.fit();
    graph.draw();
  };
  const wheel = (e: WheelEvent) => {
    const root = c.getRootNode() as Document | ShadowRoot;
    if (!graph.options.wheelZooms && !e.ctrlKey && !e.shiftKey && root.activeElement !== c) return;
    e.preventDefault();
    graph.zoom(Math.exp(-e.deltaY * 0.0015), e.offsetX, e.offsetY);
  };
  c.addEventListener('wheel', wheel, { passive: false });
  c.onkeydown = e => {
    if (!graph.key(e.key)) return;
    e.preventDefault();
    e.stopPropagation(); // keep arrows from moving the notebook's cell selection
  };
  return () => c.removeEventListener('wheel', wheel);
}
