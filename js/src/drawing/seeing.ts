/** What of the marks is to be seen: layers, threshold, classes; the same controls for the wall and the enlarged picture. */
import { h, s } from './dom';
import type { Looks } from './marks';
import { trans } from './words';

export const nameOfLayer = (name: string) => (name === 'annotations' ? trans.__('truth') : name === 'prediction' ? trans.__('prediction') : name);

function toggle(text: string | Node[], on: boolean, said: string, turn: () => void): HTMLElement {
  const button = h('button', { type: 'button', class: 'veml-toggle', 'aria-pressed': String(on), title: said }, ...(typeof text === 'string' ? [text] : text));
  button.onclick = turn;
  return button;
}

const turned = (set: Set<string>, name: string) => { if (!set.delete(name)) set.add(name); };

/** Buttons for layers and for the words on boxes, and a threshold where a model speaks. */
export function seeing(looks: Looks, layers: string[], predicted: boolean, changed: () => void): HTMLElement[] {
  const parts = layers.map(name => toggle(nameOfLayer(name), !looks.layers.has(name), trans.__('Show or hide: %1', nameOfLayer(name)), () => { turned(looks.layers, name); changed(); }));
  parts.push(toggle(trans.__('labels'), looks.labels, trans.__('Words on boxes (b)'), () => { looks.labels = !looks.labels; changed(); }));
  const group = h('span', { class: 'veml-seeing', role: 'group', 'aria-label': trans.__('What is drawn') }, ...parts);
  return predicted ? [group, threshold(looks, changed)] : [group];
}

/** A slider that is moved stays the element it was, so that it keeps its focus: `changed` may draw all others anew. */
function threshold(looks: Looks, changed: () => void): HTMLElement {
  const value = h('span', { class: 'veml-note' }, looks.score.toFixed(2));
  const range = h('input', { type: 'range', min: 0.05, max: 1, step: 0.01, value: looks.score, 'aria-label': trans.__('Least score of what is predicted') });
  range.oninput = () => {
    looks.score = Number(range.value);
    value.textContent = looks.score.toFixed(2);
    changed();
  };
  range.onkeydown = e => e.stopPropagation();
  return h('label', { class: 'veml-threshold', title: trans.__('Least score of what is predicted') }, trans.__('score from'), range, value);
}

/** A button a class: its colour, its name, and whether it is drawn. */
export function classKeys(names: string[], colour: (name: string) => string, looks: Looks, changed: () => void): HTMLElement[] {
  return names.map(name => toggle([s('svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, s('rect', { x: 2, y: 2, width: 12, height: 12, rx: 3, fill: colour(name) })), document.createTextNode(name)],
    !looks.classes.has(name), trans.__('Show or hide: %1', name), () => { turned(looks.classes, name); changed(); }));
}
