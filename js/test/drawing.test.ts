import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { number, Pictures, readable } from '../src/drawing/dom';
import { Grid, TALLEST } from '../src/drawing/grid';
import { range } from '../src/drawing/scale';
import { contrast, DARK, LIGHT } from '../src/drawing/theme';
import { contain } from '../src/widgets/browser';
import { VERSION } from '../src/version';

describe('colours', () => {
  it('stand out 3:1 from the background of their theme', () => {
    for (const c of Object.values(LIGHT)) expect(contrast(c, '#ffffff')).toBeGreaterThanOrEqual(3);
    for (const c of Object.values(DARK)) expect(contrast(c, '#212121')).toBeGreaterThanOrEqual(3);
  });
});

describe('pictures', () => {
  it('keep their address until they have been read, though the view is drawn anew before', () => {
    const revoke = vi.spyOn(URL, 'revokeObjectURL');
    const pictures = new Pictures(), bytes = new Uint8Array([1]);
    const [read, unread, broken] = [0, 1, 2].map(i => pictures.image(bytes, `${i}`));
    Object.defineProperty(read, 'complete', { value: true });
    pictures.release();
    expect(revoke.mock.calls).toEqual([[read.src]]);
    pictures.release();
    unread.dispatchEvent(new Event('load'));
    broken.dispatchEvent(new Event('error'));
    expect(revoke.mock.calls).toEqual([[read.src], [unread.src], [broken.src]]);
    revoke.mockRestore();
  });
});

describe('numbers', () => {
  it('are short', () => {
    expect([number(0.123456), number(12), number(NaN), number(123456.7), number(1e-9)]).toEqual(['0.123', '12', '–', '1.23e+5', '1.00e-9']);
    expect([readable(null), readable([1, 2]), readable({ a: 0.5 }), readable(true), readable(98442)]).toEqual(['–', '1, 2', 'a: 0.5', 'true', '98,442']);
  });
  it('have a range, without any as well', () => {
    expect([range([3, NaN, -1]), range([])]).toEqual([[-1, 3], [0, 1]]);
    expect(range(new Float64Array(300_000).fill(2))).toEqual([2, 2]);
  });
});

describe('Grid', () => {
  it('shows every tile exactly once while the wall is scrolled', () => {
    const grid = new Grid(128, 6);
    grid.resize(1000, 900, 420);
    const seen = new Set<number>();
    for (let top = 0; top <= grid.scrollHeight - 420; top += 100) {
      grid.scrolled(top);
      grid.visible().forEach(i => seen.add(i));
    }
    grid.scrolled(grid.scrollHeight - 420);
    grid.visible().forEach(i => seen.add(i));
    expect(seen.size).toBe(1000);
  });
  it('reaches the last of two million tiles although no element can be that high', () => {
    const grid = new Grid(128, 6);
    grid.resize(2_000_000, 700, 420);
    expect(grid.scrollHeight).toBe(TALLEST);
    grid.scrolled(grid.scrollHeight - 420);
    expect(grid.visible().at(-1)).toBe(1_999_999);
    const top = grid.reveal(1_000_000)!;
    grid.scrolled(top);
    expect(grid.visible()).toContain(1_000_000);
  });
  it('takes the shape of most of its pictures, and still shows every tile', () => {
    const grid = new Grid(128, 6);
    expect(grid.shape([1, 1.6, 1.6])).toBe(true);
    expect(grid.tall).toBe(80);
    grid.resize(500, 900, 420);
    const seen = new Set<number>();
    for (let top = 0; top < grid.scrollHeight; top += 50) {
      grid.scrolled(Math.min(top, grid.scrollHeight - 420));
      grid.visible().forEach(i => seen.add(i));
    }
    expect(seen.size).toBe(500);
    for (const i of grid.visible()) expect(grid.at(grid.place(i)[0] + 9, grid.place(i)[1] + 70)).toBe(i);
    expect(grid.shape([1.6])).toBe(false);
  });
  it('finds the tile under a point, and nothing in the gaps', () => {
    const grid = new Grid(100, 10);
    grid.resize(50, 560, 300);
    for (const i of grid.visible()) {
      const [x, y] = grid.place(i);
      expect(grid.at(x + 50, y + 50)).toBe(i);
      expect(grid.at(x + 105, y + 50)).toBe(-1);
    }
  });
});

it('a wide picture keeps its shape in a square tile', () => {
  expect(contain(200, 100, 10, 20, 100)).toEqual({ x: 10, y: 45, w: 100, h: 50 });
  expect(contain(28, 28, 0, 0, 128)).toEqual({ x: 0, y: 0, w: 128, h: 128 });
});

it('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
});
