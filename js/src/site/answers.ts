/** What a kernel would answer, out of files: pictures in chunks, and what a filter finds. */
import type { Reply } from '../drawing/pageModel';

export interface Facts {
  /** positions by fact and value, ascending */
  filters: Record<string, Record<string, number[]>>;
  /** all positions by order, smallest and largest first */
  orders: Record<string, { up: number[]; down: number[] }>;
}

/** The pictures and marks of a wall. */
export interface WallFiles {
  folder: string;
  /** byte lengths of the pictures, chunk by chunk */
  chunks: number[][];
  annotations: unknown[];
  /** what is known of each sample */
  about?: unknown[];
  facts: Facts;
}

/** One file as the parts whose lengths are given. */
export function slices(bytes: ArrayBuffer, lengths: number[]): DataView[] {
  let at = 0;
  return lengths.map(n => {
    const view = new DataView(bytes, at, n);
    at += n;
    return view;
  });
}

/** Positions that pass every filter, in the order asked for; as faces/pictures.py finds them in a kernel. */
export function find(facts: Facts, count: number, where: Record<string, string>, by: string, descending: boolean): number[] {
  const sets = Object.entries(where).map(([fact, value]) => new Set(facts.filters[fact]?.[value] ?? []));
  const order = by ? facts.orders[by]?.[descending ? 'down' : 'up'] ?? [] : Array.from({ length: count }, (_, i) => i);
  return order.filter(p => sets.every(s => s.has(p)));
}

export async function bytesOf(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} cannot be read (${response.status})`);
  return response.arrayBuffer();
}

/** Answers of a wall. */
export class WallAnswers {
  constructor(private readonly files: WallFiles, private readonly count: number) {
    files.chunks.forEach((lengths, c) => lengths.forEach((_, k) => this.place.push([c, k])));
  }

  async answer(asked: any): Promise<Reply> {
    const { request } = asked;
    if (asked.type === 'get') {
      const positions: number[] = asked.positions;
      return { result: { type: 'samples', request, positions, annotations: positions.map(p => this.files.annotations[p]) }, buffers: await Promise.all(positions.map(p => this.picture(p))) };
    }
    if (asked.type === 'one') return { result: { type: 'one', request, position: asked.position }, buffers: [await this.picture(asked.position)] };
    if (asked.type === 'about') return { result: { type: 'about', request, position: asked.position, about: this.files.about?.[asked.position] ?? {} }, buffers: [] };
    if (asked.type === 'find') {
      const found = Uint32Array.from(find(this.files.facts, this.count, asked.where, asked.by, asked.descending));
      return { result: { type: 'found', request, count: found.length }, buffers: [new DataView(found.buffer)] };
    }
    throw new Error('a published folder only shows');
  }

  private async picture(position: number): Promise<DataView> {
    const [chunk, k] = this.place[position];
    let parts = this.loaded.get(chunk);
    if (!parts) this.loaded.set(chunk, (parts = bytesOf(`${this.files.folder}/${chunk}.bin`).then(b => slices(b, this.files.chunks[chunk]))));
    return (await parts)[k];
  }

  private readonly place: [number, number][] = [];
  private readonly loaded = new Map<number, Promise<DataView[]>>();
}
