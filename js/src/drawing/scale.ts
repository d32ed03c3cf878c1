/** Numbers of axes. */

/** About `count` round numbers that cover [low, high]. */
export function ticks(low: number, high: number, count = 4): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(v => v >= raw * (1 - 1e-9))!;
  const out: number[] = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) out.push(Number(v.toPrecision(12)));
  return out;
}

/** A tick in as few figures as it needs. */
export const tick = (value: number): string =>
  value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(6)));

/** Smallest and largest of the finite values; [0, 1] without any. A loop: spreading 100,000 arguments overflows. */
export function range(values: Iterable<number>): [number, number] {
  let low = Infinity, high = -Infinity;
  for (const v of values) {
    if (v === null || !Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** Equal bins over [low, high]; the last one holds the largest value too. */
export function histogram(values: number[], bins: number, low: number, high: number): number[] {
  const out = new Array<number>(bins).fill(0);
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    out[Math.max(0, Math.min(bins - 1, Math.floor(((v - low) / (high - low || 1)) * bins)))]++;
  }
  return out;
}
