/** The keys of a drawing, said when `?` is pressed. */
import { h } from './dom';
import { trans } from './words';

/** Shows the keys over `host` until Escape, `?` or a click; gives the panel. */
export function help(host: HTMLElement, keys: [key: string, does: string][]): HTMLElement {
  const before = document.activeElement as HTMLElement | null;
  host.querySelector('.veml-help')?.remove();
  const shut = h('button', { type: 'button' }, trans.__('Close'));
  const panel = h('div', { class: 'veml-help', role: 'dialog', 'aria-label': trans.__('Keys') }, h('h4', {}, trans.__('Keys')),
    h('dl', {}, ...keys.flatMap(([key, does]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, does)])), shut);
  const close = () => {
    panel.remove();
    before?.focus({ preventScroll: true });
  };
  shut.onclick = close;
  panel.onkeydown = e => {
    e.stopPropagation();
    if (e.key === 'Escape' || e.key === '?') {
      e.preventDefault();
      close();
    }
  };
  host.append(panel);
  shut.focus({ preventScroll: true });
  return panel;
}
