/** Small pieces that several drawings share. */
import { h, readable, s } from './dom';
import { injectStyle } from './style';
import { N_, trans } from './words';
import { asKind, dress, Kind, Palette, SHAPES, SHAPE_SVG, watchTheme } from './theme';

/** The coloured shape of a kind. */
export function symbol(kind: string): SVGSVGElement {
  const k = asKind(kind);
  return s('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    s('path', { d: SHAPE_SVG[SHAPES[k]], fill: `var(--veml-${k})` }));
}

export function legendKey(kind: Kind, text: string): HTMLElement {
  return h('span', { class: 'veml-key' }, symbol(kind), text);
}

export interface Frame {
  root: HTMLElement;
  /** the colours of the moment, for canvases */
  colours: () => Palette;
  dispose: () => void;
}

/** The outer box of a drawing: style sheet, theme and clean-up; `repaint` runs when the theme changes. */
export function frame(el: HTMLElement, name: string, label: string, repaint: () => void): Frame {
  injectStyle(el);
  const root = h('section', { class: `veml veml-frame ${name}`, 'aria-label': label });
  el.append(root);
  injectStyle(root); // a shadow root is known only now
  let colours = dress(root);
  const stop = watchTheme(() => {
    colours = dress(root);
    repaint();
  });
  return {
    root,
    colours: () => colours,
    dispose: () => {
      stop();
      root.remove();
    }
  };
}

/** A row of buttons of which one is chosen. */
export function segments(
  label: string, names: string[], chosen: string, choose: (name: string) => void, said: (name: string) => string = name => name
): HTMLElement {
  const group = h('span', { class: 'veml-segments', role: 'radiogroup', 'aria-label': label });
  names.forEach((name, i) => {
    const button = h('button', { type: 'button', role: 'radio', 'aria-checked': String(name === chosen) }, said(name));
    button.tabIndex = name === chosen ? 0 : -1;
    button.onclick = () => choose(name);
    button.onkeydown = e => {
      const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
      if (!step) return;
      e.preventDefault();
      e.stopPropagation();
      choose(names[(i + step + names.length) % names.length]);
      (group.querySelector('[aria-checked=true]') as HTMLElement | null)?.focus();
    };
    group.append(button);
  });
  return group;
}

/** Facts in groups, as the kernel says them (veml_lab/faces/fact_groups.py). */
export interface FactGroup { title: string; facts: [name: string, words: string][] }
export const GROUPS = [N_('Contents'), N_('Source'), N_('Recipe'), N_('Results'), N_('Training'), N_('Cost'), N_('Environment'), N_('Measured'), N_('Configuration'), N_('How it was made')];
/** Groups that are folded at first: long, and not what one looks for first. */
export const FOLDED = ['Environment', 'How it was made'];

export function groupsOf(detail: Record<string, unknown>): FactGroup[] | null {
  return Array.isArray(detail.groups) ? (detail.groups as FactGroup[]) : null;
}

/** The facts of one version: in groups where there are some, else as they come. */
export function factsOf(detail: Record<string, unknown>): HTMLElement {
  const groups = groupsOf(detail);
  if (!groups) return facts(detail);
  const said = detail.summary ? [h('p', { class: 'veml-note' }, String(detail.summary))] : [];
  return h('div', {}, ...said, ...groups.map(g => h('details', { class: 'veml-facts', open: !FOLDED.includes(g.title) },
    h('summary', {}, trans.__(g.title)), h('dl', {}, ...g.facts.flatMap(([name, words]) => [h('dt', {}, name), h('dd', {}, words)])))));
}

/** The facts of one version as a definition list. */
export function facts(detail: Record<string, unknown>): HTMLElement {
  const list = h('dl');
  for (const [name, value] of Object.entries(detail)) {
    list.append(h('dt', {}, name.replace(/_/g, ' ')), h('dd', {}, readable(value)));
  }
  return list;
}
