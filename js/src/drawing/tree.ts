/** The donors of one of several sets. */

/** What a set is called in code. */
export interface SetLines {
  data: string;
  training: string | null;
  said: string | null;
}

export interface Donor {
  name: string;
  value: number;
  index: number;
}

/** The other sets, the nearest to the target first; those without a value are left out. */
export function donorsOf(names: string[], matrix: number[][], target: string): Donor[] {
  const row = matrix[names.indexOf(target)] ?? [];
  return names.map((name, index) => ({ name, index, value: row[index] }))
    .filter(d => d.name !== target && d.value !== null && Number.isFinite(d.value)).sort((a, b) => a.value - b.value);
}

/** The line that transfers a donor's lifecycle; null where it has none. Filled in at once: a name may hold braces. */
export function transferLine(template: string, donor: SetLines | undefined, target: SetLines | undefined): string | null {
  if (!template || !donor?.training || !target) return null;
  const parts: Record<string, string> = { donor: donor.training, target: target.data };
  return template.replace(/\{(donor|target)\}/g, (_, what: string) => parts[what]);
}
