/** The card of the chosen version, or of a family of versions, beside the lineage graph. */
import { h } from './dom';
import type { GraphNode } from './layout';
import { facts, factsOf, symbol } from './parts';
import { asKind } from './theme';
import { count as inWords, N_, trans } from './words';

/** One edge at the chosen node: what stands at its other end. */
export interface Relation {
  heading: string;
  text: string;
  other: GraphNode;
}

export interface CardActions {
  relations: Relation[];
  nameOf: (id: string) => string;
  close: () => void;
  /** show the versions of the family, and choose one of them */
  open: (id?: string) => void;
  go: (id: string) => void;
  /** put it back into what stands together; only where it was taken out */
  fold?: () => void;
}

export interface Card {
  element: HTMLElement;
  /** more facts have come, or cannot */
  tell: (detail: Record<string, unknown>) => void;
  fail: (message: string) => void;
}

const NEWEST = 30;
const OF_KIND: Record<string, string> = { data: N_('data version'), model: N_('model version'), training: N_('training version'), inference: N_('inference version') };

/** Facts without those that the card's heading shows already. */
const unsaid = (detail: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(detail).filter(([k]) => !['id', 'name', 'kind', 'created'].includes(k)));

export function cardOf(node: GraphNode, family: boolean, act: CardActions): Card {
  const close = h('button', { type: 'button', class: 'veml-close', 'aria-label': trans.__('Close') }, '×');
  close.onclick = act.close;
  let list: HTMLElement = facts(unsaid(node.detail ?? {}));
  const created = node.created ? ` · ${node.created.slice(0, 16).replace('T', ' ')}` : '';
  const body = family && !node.set ? members(node, act)
    : [h('div', { class: 'veml-note' }, `${asKind(node.kind) === 'metadata' ? trans.__('metadata') : trans.__(OF_KIND[node.kind] ?? node.kind)}${created}`), list, ...(node.set ? parts(node, act) : [])];
  if (act.fold) {
    const fold = h('button', { type: 'button', class: 'veml-fold' }, trans.__('Fold it again'));
    fold.onclick = act.fold;
    body.push(fold);
  }
  const element = h('aside', { class: 'veml-card', role: 'region', 'aria-label': family && !node.set ? trans.__('Family of %1', node.name) : trans.__('Details of %1', node.name), tabindex: 0 },
    close, h('h3', {}, symbol(node.kind), node.name), ...body, ...relations(act));
  return {
    element,
    tell: detail => {
      const full = factsOf(unsaid(detail));
      list.replaceWith(full);
      list = full;
    },
    fail: message => list.append(h('dd', { class: 'veml-error' }, message))
  };
}

/** The parts of a set that are folded into it. */
function parts(node: GraphNode, act: CardActions): HTMLElement[] {
  const open = h('button', { type: 'button' }, trans.__('Show its parts'));
  open.onclick = () => act.open();
  return [h('h4', {}, trans.__('Parts')), h('ul', {}, ...linked((node.members ?? []).filter(id => id !== node.id), node, act)), open];
}

function linked(ids: string[], node: GraphNode, act: CardActions): HTMLElement[] {
  return ids.map(id => {
    const go = h('button', { type: 'button', class: 'veml-link' }, symbol(node.kind), act.nameOf(id));
    go.onclick = () => act.open(id);
    return h('li', { style: 'display:block' }, go);
  });
}

function members(node: GraphNode, act: CardActions): HTMLElement[] {
  const open = h('button', { type: 'button' }, trans.__('Show its versions'));
  open.onclick = () => act.open();
  const newest = linked((node.members ?? []).slice(-NEWEST).reverse(), node, act);
  return [h('div', { class: 'veml-note' }, String(node.detail?.summary ?? '')), open,
    h('h4', {}, trans.__('Newest of %1', inWords(node.members?.length ?? 0))), h('ul', {}, ...newest)];
}

/** What the chosen version comes from and what came of it, each a button that goes there. */
function relations(act: CardActions): HTMLElement[] {
  return [...new Set(act.relations.map(r => r.heading))].flatMap(heading => {
    const rows = act.relations.filter(r => r.heading === heading).map(r => {
      const go = h('button', { type: 'button', class: 'veml-link' }, symbol(r.other.kind), r.other.name);
      go.onclick = () => act.go(r.other.id);
      return h('li', {}, h('span', { class: 'veml-note' }, r.text), go);
    });
    return [h('h4', {}, heading), h('ul', {}, ...rows)];
  });
}
