/** Published page: its heading with links to its parts; the address keeps which one is open (veml_lab/widgets/pages.py). */
import { h } from '../drawing/dom';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { trans } from '../drawing/words';
import type { PagesTraits } from '../traits';

/** `#data/my%20set` -> ['data', 'my set']; an unknown part gives the first one. */
export function place(hash: string, parts: string[]): [part: string, item: string] {
  const [part, ...rest] = hash.replace(/^#/, '').split('/');
  if (!parts.includes(part)) return [parts[0] ?? '', ''];
  let item = rest.join('/');
  try {
    item = decodeURIComponent(item);
  } catch {
    // a broken escape stays as it is
  }
  return [part, item];
}

export function render({ model, el }: RenderContext<PagesTraits>): () => void {
  const box = frame(el, 'veml-pages', 'Parts of this page', () => undefined);
  const links = h('nav', { 'aria-label': trans.__('Parts') });
  const title = h('h1'), subtitle = h('p', { class: 'veml-note' }), loading = h('p', { class: 'veml-note', role: 'status' });
  box.root.append(title, subtitle, links, loading);

  function draw(): void {
    title.textContent = model.get('title');
    subtitle.textContent = model.get('subtitle');
    links.replaceChildren(...Object.entries(model.get('parts')).map(([name, text]) =>
      h('a', { href: `#${name}`, 'aria-current': model.get('part') === name ? 'page' : undefined }, text)));
    box.root.dataset.part = model.get('part');
    // the kernel builds one part after the other: until it has, what is below belongs to another link
    const shown = model.get('shown'), late = shown !== null && shown !== `${model.get('part')}/${model.get('item')}`;
    box.root.toggleAttribute('data-late', late);
    links.setAttribute('aria-busy', String(late));
    loading.textContent = late ? trans.__('Loading %1…', model.get('parts')[model.get('part')] ?? '') : '';
    document.body.toggleAttribute('data-veml-late', late);
  }

  function go(): void {
    const [part, item] = place(window.location.hash, Object.keys(model.get('parts')));
    if (part === model.get('part') && item === model.get('item')) return;
    model.set('part', part);
    model.set('item', item);
    model.save_changes();
    draw();
    window.scrollTo?.(0, 0);
  }

  const changes = ['title', 'subtitle', 'parts', 'part', 'item', 'shown'].map(n => `change:${n}`);
  changes.forEach(c => model.on(c, draw));
  window.addEventListener('hashchange', go);
  const [part, item] = place(window.location.hash, Object.keys(model.get('parts')));
  model.set('part', part);
  model.set('item', item);
  model.set('visits', model.get('visits') + 1);
  model.save_changes();
  draw();
  return () => {
    window.removeEventListener('hashchange', go);
    changes.forEach(c => model.off(c, draw));
    box.dispose();
  };
}

export default { render };
