/** Notebook widget: training jobs with progress, stop and resume (veml_lab/widgets/jobs.py). */
import { h } from '../drawing/dom';
import { isRunning, jobRow, JobState } from '../drawing/jobs';
import type { RenderContext } from '../drawing/model';
import { frame } from '../drawing/parts';
import { trans } from '../drawing/words';
import type { JobListTraits } from '../traits';

const LOOK_MS = 1500;

export function render({ model, el }: RenderContext<JobListTraits>): () => void {
  const box = frame(el, 'veml-jobs', trans.__(trans.__('Training jobs')), () => undefined);
  const note = h('span', { class: 'veml-note', 'aria-live': 'polite' });
  const error = h('div', { class: 'veml-error', role: 'alert', style: 'display:none' });
  const list = h('ul');
  box.root.append(h('div', { class: 'veml-bar' }, h('span', { class: 'veml-title' }, trans.__(trans.__('Training jobs'))), note), error, list);
  let request = 0, waiting = false;

  function draw(): void {
    const jobs = model.get('jobs');
    const focused = (el.getRootNode() as Document | ShadowRoot).activeElement?.getAttribute('aria-label');
    list.replaceChildren(...jobs.map(j => jobRow(j, model.get('controls') ? (type, key) => ask(type, key) : null)));
    if (!jobs.length) list.append(h('li', { class: 'veml-empty' }, trans.__('No training has been started yet.')));
    if (focused) list.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
    box.root.dataset.running = String(jobs.filter(isRunning).length);
    box.root.dataset.ready = '1';
  }

  function ask(type: string, key?: string): void {
    waiting = true;
    model.send({ type, request: ++request, key });
  }

  function receive(message: { type: string; message?: string; jobs?: JobState[] }): void {
    waiting = false;
    const failed = message.type === 'error';
    error.style.display = failed ? '' : 'none';
    error.textContent = failed ? message.message ?? '' : '';
    if (message.type === 'jobs' && message.jobs) {
      model.set('jobs', message.jobs);
      note.textContent = message.message ?? '';
    }
    draw();
  }

  // nothing is asked while nobody looks, or while all is still
  const timer = window.setInterval(() => {
    if (!waiting && !document.hidden && box.root.isConnected && box.root.offsetParent !== null && model.get('jobs').some(isRunning)) ask('look');
  }, LOOK_MS);
  model.on('msg:custom', receive);
  model.on('change:jobs', draw);
  draw();
  return () => {
    window.clearInterval(timer);
    model.off('msg:custom', receive);
    model.off('change:jobs', draw);
    box.dispose();
  };
}

export default { render };
