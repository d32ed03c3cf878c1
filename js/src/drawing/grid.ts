/**
 * Where the tiles of a long wall lie.
 *
 * A browser's element is at most some 16 to 33 million pixels high; a wall of two million tiles is higher.
 * Beyond TALLEST the scroll bar stands for the whole wall and one of its pixels for several of ours.
 */
export const TALLEST = 8_000_000;

export class Grid {
  columns = 0;
  scrollHeight = 0;

  /** height of a tile; as its width until `shape` says otherwise */
  tall: number;

  constructor(readonly size: number, readonly gap: number) {
    this.tall = size;
  }

  /** Give tiles the shape of most of the pictures (each `width` wide), within reason; true where that changes anything. */
  shape(aspects: number[], width = this.size): boolean {
    if (!aspects.length) return false;
    const middle = [...aspects].sort((a, b) => a - b)[aspects.length >> 1];
    const tall = Math.round(width / Math.max(0.7, Math.min(2, middle)));
    const changed = tall !== this.tall;
    this.tall = tall;
    return changed;
  }

  resize(count: number, width: number, height: number): void {
    this.count = count;
    this.height = height;
    this.columns = Math.max(1, Math.floor((width + this.gap) / this.step));
    this.left = Math.max(0, Math.floor((width - this.columns * this.step + this.gap) / 2));
    this.total = Math.max(height, Math.ceil(count / this.columns) * this.stepY + this.gap);
    this.scrollHeight = Math.min(this.total, TALLEST);
    this.offset = Math.min(this.offset, this.total - height);
  }

  scrolled(top: number): void {
    this.offset = top * this.ratio;
  }

  /** Positions that lie at least partly in the window. */
  visible(): number[] {
    const first = Math.max(0, Math.floor((this.offset - this.gap) / this.stepY)) * this.columns;
    const last = Math.min(this.count, Math.ceil((this.offset + this.height) / this.stepY) * this.columns);
    const out: number[] = [];
    for (let i = first; i < last; i++) out.push(i);
    return out;
  }

  /** Left upper corner of a tile in the window. */
  place(i: number): [number, number] {
    return [this.left + (i % this.columns) * this.step, this.gap + Math.floor(i / this.columns) * this.stepY - this.offset];
  }

  /** The tile at a point of the window, or -1. */
  at(x: number, y: number): number {
    const column = Math.floor((x - this.left) / this.step), row = Math.floor((y + this.offset - this.gap) / this.stepY);
    const inside = x - this.left - column * this.step < this.size && y + this.offset - this.gap - row * this.stepY < this.tall;
    const i = row * this.columns + column;
    return column < 0 || column >= this.columns || row < 0 || i >= this.count || !inside ? -1 : i;
  }

  clamp(i: number): number {
    return Math.max(0, Math.min(this.count - 1, i));
  }

  /** The scroll position that brings a tile into the window, or null where it is in it already. */
  reveal(i: number): number | null {
    const y = Math.floor(i / this.columns) * this.stepY;
    if (y >= this.offset && y + this.stepY <= this.offset + this.height) return null;
    const wanted = y < this.offset ? y : y + this.stepY + this.gap - this.height;
    this.offset = Math.max(0, Math.min(wanted, this.total - this.height));
    return this.offset / this.ratio;
  }

  private get step(): number { return this.size + this.gap; }
  private get stepY(): number { return this.tall + this.gap; }
  private get ratio(): number {
    return this.scrollHeight > this.height ? (this.total - this.height) / (this.scrollHeight - this.height) : 1;
  }
  private count = 0;
  private height = 0;
  private left = 0;
  private total = 0;
  private offset = 0;
}
