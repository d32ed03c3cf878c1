/** Controls that several drawings share: a labelled choice, and the line that keeps a selection under a name. */
import { h } from './dom';
import { count as inWords, trans } from './words';

/** A select with its label; the first option may stand for "any". */
export function choice(label: string, options: [value: string, text: string][], value: string, changed: (value: string) => void): HTMLSelectElement {
  const select = h('select', { 'aria-label': label, title: label });
  for (const [v, text] of options) {
    const option = h('option', { value: v }, text);
    option.selected = v === value;
    select.append(option);
  }
  select.onchange = () => changed(select.value);
  select.onkeydown = e => e.stopPropagation();
  return select;
}

/** "Keep as [name] [what]": what a selection can become. */
export function keeper(count: number, whats: string[], keep: (what: string, name: string) => void): HTMLElement {
  const name = h('input', { type: 'text', placeholder: trans.__('name of the new version'), 'aria-label': trans.__('Name of the new version') });
  name.onkeydown = e => {
    e.stopPropagation();
    if (e.key === 'Enter' && whats.length) keep(whats[0], name.value);
  };
  return h('span', { class: 'veml-keeper' }, h('span', { class: 'veml-note' }, trans.__('%1 chosen', inWords(count))), name, ...whats.map(what => {
    const button = h('button', { type: 'button' }, trans.__('Keep as %1', trans.__(what)));
    button.onclick = () => keep(what, name.value);
    return button;
  }));
}
