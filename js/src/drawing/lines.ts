/** A drawing asks whatever page it is in to write a line into a cell: JupyterLab does, others let the line be copied. */

export const LINE_EVENT = 'veml-line';

/** True where somebody took the line. */
export function offerLine(el: Element, code: string): boolean {
  return !el.dispatchEvent(new CustomEvent(LINE_EVENT, { detail: { code }, bubbles: true, composed: true, cancelable: true }));
}
