import { describe, expect, it } from 'vitest';
import { clipName, partings } from '../src/drawing/names';

const letters = { measureText: (t: string) => ({ width: t.length }) } as any;
const cut = (names: string[], room: number) => {
  const parting = partings(names);
  return names.map((n, i) => clipName(letters, n, room, parting[i]));
};

describe('names without room', () => {
  const runs = ['ssdlite', 'retinanet'].flatMap(m => [2, 20].map(e => `suburb from city · ${m} · ${e} epochs`));
  it('are told apart, and fit', () => {
    for (let room = 14; room < 40; room++) {
      const said = cut(runs, room);
      expect(new Set(said).size, said.join(' | ')).toBe(4);
      for (const s of said) expect(s.length).toBeLessThanOrEqual(room);
    }
    expect(cut(runs, 20)[0]).toBe('subu…ssdli…2 epochs');
  });
  it('keep their beginning where that tells them apart, and all of them where there is room', () => {
    expect(cut(['a long name of the city', 'suburb and what is near'], 12)).toEqual(['a long name…', 'suburb and …']);
    expect(cut(runs, 60)).toEqual(runs);
    expect(cut(['the same name twice', 'the same name twice'], 10)).toEqual(['the same …', 'the same …']);
    expect(cut([], 10)).toEqual([]);
  });
});
