/**
 * A lab as a folder of files: the same drawings as in a notebook, without any kernel (veml_lab/dashboards/publish.py).
 *
 * `site.json` says what there is; each view's state lies in views/, its binary parts beside it.
 */
import { h } from '../drawing/dom';
import { bring } from '../drawing/plotly';
import { PageModel, unpack } from '../drawing/pageModel';
import browser from '../widgets/browser';
import chart from '../widgets/chart';
import compare from '../widgets/compare';
import confusion from '../widgets/confusion';
import curves from '../widgets/curves';
import driftplot from '../widgets/driftplot';
import embedding from '../widgets/embedding';
import heatmap from '../widgets/heatmap';
import jobs from '../widgets/jobs';
import lineage from '../widgets/lineage';
import pages, { place } from '../widgets/pages';
import runs from '../widgets/runs';
import { bytesOf, slices, WallAnswers, WallFiles } from './answers';

interface View {
  file: string;
  part: string;
  /** a deep link's second half; '' belongs to the part itself */
  item: string;
  title: string;
  note: string;
}
interface Site {
  title: string;
  subtitle: string;
  parts: Record<string, string>;
  /** counts on the first page */
  tiles: { kind: string; value: string; text: string }[];
  views: View[];
}
interface Stored {
  widget: string;
  state: any;
  paths: (string | number)[][];
  lengths: number[];
  wall?: WallFiles;
}

const RENDERS: Record<string, { render: (context: any) => () => void }> = {
  Chart: chart, Comparison: compare, ConfusionMatrix: confusion, DriftPlot: driftplot, EmbeddingMap: embedding, JobList: jobs, LineageGraph: lineage,
  RunTable: runs, SampleBrowser: browser, SimilarityHeatmap: heatmap, TrainingCurves: curves
};

async function draw(view: View, el: HTMLElement): Promise<() => void> {
  const stored: Stored = JSON.parse(new TextDecoder().decode(await bytesOf(`views/${view.file}.json`)));
  const buffers = stored.lengths.length ? slices(await bytesOf(`views/${view.file}.bin`), stored.lengths) : [];
  const wall = stored.wall ? new WallAnswers(stored.wall, stored.state.count) : null;
  const model = new PageModel(unpack(stored.state, stored.paths, buffers), asked => (wall ? wall.answer(asked) : Promise.reject(new Error('a published folder only shows'))));
  return RENDERS[stored.widget].render({ model, el });
}

bring(() => import(new URL('plotly.js', document.baseURI).href)); // beside the page, fetched by its first chart

async function start(): Promise<void> {
  const root = document.getElementById('site')!;
  const site: Site = JSON.parse(new TextDecoder().decode(await bytesOf('site.json')));
  document.title = site.title;
  const head = h('header'), main = h('main', { tabindex: -1 });
  root.replaceChildren(head, main);
  const model = new PageModel({ parts: site.parts, part: '', item: '', title: site.title, subtitle: site.subtitle, visits: 0 }, () => Promise.reject(new Error('nothing to ask')));
  pages.render({ model: model as any, el: head });
  let clean: (() => void)[] = [], turn = 0;

  async function show(): Promise<void> {
    const mine = ++turn;
    const [part, item] = place(window.location.hash, Object.keys(site.parts));
    clean.forEach(f => f());
    clean = [];
    main.dataset.ready = '';
    const here = site.views.filter(v => v.part === part);
    const items = [...new Set(here.map(v => v.item).filter(Boolean))];
    const open = items.includes(item) ? item : items[0] ?? '';
    main.replaceChildren(...(part === Object.keys(site.parts)[0] ? [tiles(site)] : []), ...(items.length > 1 ? [chooser(part, items, open)] : []));
    const shown = here.filter(v => !v.item || v.item === open);
    if (!shown.length) main.append(h('p', { class: 'veml-note' }, 'Nothing was published here.'));
    for (const view of shown) {
      const el = h('div', { class: 'site-view' });
      main.append(h('section', { 'aria-label': view.title }, h('h2', {}, view.title), ...(view.note ? [h('p', { class: 'veml-note' }, view.note)] : []), el));
      try {
        const done = await draw(view, el);
        if (mine !== turn) return done();
        clean.push(done);
      } catch (e) {
        el.append(h('p', { role: 'alert' }, `This view cannot be shown: ${(e as Error).message}`));
      }
    }
    main.dataset.ready = part;
  }

  window.addEventListener('hashchange', () => void show());
  await show();
}

function tiles(site: Site): HTMLElement {
  return h('div', { class: 'site-tiles' }, ...site.tiles.map(t => h('div', { class: 'site-tile', 'data-kind': t.kind }, h('b', {}, t.value), h('span', {}, t.text))));
}

function chooser(part: string, items: string[], open: string): HTMLElement {
  const select = h('select', { id: 'site-item' }, ...items.map(i => { const o = h('option', { value: i }, i); o.selected = i === open; return o; }));
  select.onchange = () => { window.location.hash = `${part}/${encodeURIComponent(select.value)}`; };
  return h('p', { class: 'site-choice' }, h('label', { for: 'site-item' }, 'Version '), select);
}

start().catch((e: Error) => {
  // opened by a double click: browsers let a page from a disk read no files beside it
  const why = window.location.protocol === 'file:' ? 'a browser lets no page from a disk read the files beside it' : e.message;
  document.getElementById('site')!.replaceChildren(h('p', { role: 'alert' }, `This page cannot be shown: ${why}. It has to come from a web server; in this folder try: python -m http.server`));
});
