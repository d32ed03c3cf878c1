import { describe, expect, it } from 'vitest';
import { clip, linesOf } from '../src/drawing/names';

const letters = { measureText: (t: string) => ({ width: t.length }) } as any;

describe('names without room', () => {
  it('lose their end, and no more than it needs', () => {
    for (let room = 2; room < 20; room++) {
      const said = clip(letters, 'a long name of the city', room);
      expect(said.length).toBeLessThanOrEqual(room);
      expect(said.length).toBeGreaterThanOrEqual(Math.min(room - 1, 23));
    }
    expect(clip(letters, 'city', 4)).toBe('city');
  });
  it('are in the lines that the kernel made of them, and whole where it said nothing', () => {
    const node = { id: 'a', kind: 'data', name: 'suburb from city · 2 epochs' };
    expect(linesOf(node)).toEqual(['', node.name]);
    expect(linesOf({ ...node, lines: ['suburb'] })).toEqual(['', 'suburb']);
    expect(linesOf({ ...node, lines: ['suburb from city', '2 epochs'] })).toEqual(['suburb from city', '2 epochs']);
  });
});
