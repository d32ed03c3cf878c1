/**
 * The words that a reader sees, in the language of the page.
 *
 * In JupyterLab the extension hands over its translator (domain `veml_lab`); a dashboard or a folder of files has none
 * and says them in English. The drawings of cells are bundles of their own: they meet the extension in the page only.
 */

/** What of JupyterLab's TranslationBundle is used: `%1`, `%2` ... stand for the arguments, in `_n` `%1` for the number. */
export interface Words {
  __(said: string, ...args: unknown[]): string;
  _n(one: string, many: string, n: number, ...args: unknown[]): string;
}

const PLACE = Symbol.for('veml-lab:words');
const here = globalThis as { [PLACE]?: Words };

const fill = (said: string, args: unknown[]) => said.replace(/%(\d+)/g, (whole, i) => (Number(i) <= args.length ? String(args[Number(i) - 1]) : whole));
const english: Words = {
  __: (said, ...args) => fill(said, args),
  _n: (one, many, n, ...args) => fill(n === 1 ? one : many, [n, ...args])
};

/** From now on every drawing of this page speaks so; null: English. */
export function speak(words: Words | null): void {
  here[PLACE] = words ?? undefined;
}

export const trans: Words = {
  __: (said, ...args) => (here[PLACE] ?? english).__(said, ...args),
  _n: (one, many, n, ...args) => (here[PLACE] ?? english)._n(one, many, n, ...args)
};

/** Marks a text that is translated where it is shown: `trans.__(name)`. */
export const N_ = (said: string): string => said;

/** A count as it is read. */
export const count = (n: number): string => n.toLocaleString('en-US');
