/** What is known of the enlarged sample, beside it: what is wrong, tags, notes, columns, the versions that hold it. */
import { h, readable } from './dom';
import { trans } from './words';

export interface About {
  facts?: Record<string, unknown>;
  columns?: Record<string, unknown>;
  versions?: string[];
  tags?: string[];
  notes?: { made: string; text: string }[];
  errors?: string[];
}

export interface SideActions {
  /** null where nothing may be written */
  tag: ((tag: string, remove: boolean) => void) | null;
  note: ((text: string) => void) | null;
}

function section(title: string, ...parts: Node[]): HTMLElement[] {
  return parts.length ? [h('section', {}, h('h4', {}, title), ...parts)] : [];
}

function list(values: Record<string, unknown> | undefined): HTMLElement[] {
  const rows = Object.entries(values ?? {});
  return rows.length ? [h('dl', {}, ...rows.flatMap(([k, v]) => [h('dt', {}, k.replace(/_/g, ' ')), h('dd', {}, readable(v))]))] : [];
}

/** A field that gives its text when Enter or the button is pressed; its keys are its own. */
export function field(label: string, button: string, give: (text: string) => void): HTMLElement {
  const input = h('input', { type: 'text', 'aria-label': label, placeholder: label, maxlength: 2000 });
  const done = () => { if (input.value.trim()) give(input.value.trim()); };
  input.onkeydown = e => {
    e.stopPropagation();
    if (e.key === 'Enter') done();
    else if (e.key === 'Escape') input.blur();
  };
  const press = h('button', { type: 'button' }, button);
  press.onclick = done;
  return h('span', { class: 'veml-field' }, input, press);
}

export function side(about: About, cost: number | undefined, kinds: string[] | undefined, act: SideActions): HTMLElement[] {
  const wrong = [...(kinds?.length ? [h('div', { class: 'veml-wrong' }, kinds.map(k => trans.__(k)).join(', '))] : []),
    ...(cost === undefined ? [] : [h('div', {}, trans.__('cost %1', cost.toFixed(2)))]),
    ...(about.errors?.length ? [h('ul', {}, ...about.errors.slice(0, 20).map(e => h('li', {}, e)))] : [])];
  const chips = (about.tags ?? []).map(tag => {
    const chip = h('span', { class: 'veml-chip' }, tag);
    if (act.tag) {
      const off = h('button', { type: 'button', 'aria-label': trans.__('Take off the tag %1', tag) }, '×');
      off.onclick = () => act.tag!(tag, true);
      chip.append(off);
    }
    return chip;
  });
  const notes = (about.notes ?? []).map(n => h('p', { class: 'veml-written' }, h('span', { class: 'veml-note' }, `${n.made} `), n.text));
  return [
    ...section(trans.__('What is wrong'), ...wrong),
    ...section(trans.__('Tags'), ...(chips.length ? [h('div', { class: 'veml-chips' }, ...chips)] : []), ...(act.tag ? [field(trans.__('new tag'), trans.__('Tag'), t => act.tag!(t, false))] : [])),
    ...section(trans.__('Notes'), ...notes, ...(act.note ? [field(trans.__('new note'), trans.__('Note'), act.note)] : [])),
    ...section(trans.__('Sample'), ...list(about.facts)),
    ...section(trans.__('Columns'), ...list(about.columns)),
    ...section(trans.__('In %1 versions', about.versions?.length ?? 0), ...(about.versions?.length ? [h('ul', {}, ...about.versions.map(v => h('li', {}, v)))] : []))
  ];
}
