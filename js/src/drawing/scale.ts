/** Numbers of axes. */

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
