/** Training jobs as rows with progress; the same in a notebook and in JupyterLab's panel. */
import { h } from './dom';
import { trans } from './words';

export interface JobState {
  key: string;
  name: string;
  state: string;
  epoch?: number;
  epochs?: number;
  step?: number;
  steps?: number | null;
  message?: string;
}

export const isRunning = (j: JobState) => j.state === 'running' || j.state === 'starting';
export const canResume = (j: JobState) => ['stopped', 'killed', 'failed'].includes(j.state);

/** How much of a job is done, 0..1; null where nobody knows yet. */
export function share(j: JobState): number | null {
  if (j.state === 'done') return 1;
  if (j.steps && j.step !== undefined) return Math.min(1, j.step / j.steps);
  return j.epochs && j.epoch !== undefined ? Math.min(1, j.epoch / j.epochs) : null;
}

export function jobRow(job: JobState, act: ((what: 'stop' | 'resume', key: string) => void) | null): HTMLElement {
  const done = share(job);
  const bar = h('progress', { max: 1, 'aria-label': trans.__('Progress of %1', job.name) });
  if (done !== null) bar.value = done;
  else if (!isRunning(job)) bar.value = 0;
  const buttons: HTMLElement[] = [];
  const what = isRunning(job) ? 'stop' : canResume(job) ? 'resume' : null;
  if (act && what) {
    const button = h('button', { type: 'button', 'aria-label': what === 'stop' ? trans.__('Stop %1', job.name) : trans.__('Resume %1', job.name) }, what === 'stop' ? trans.__('Stop') : trans.__('Resume'));
    button.onclick = () => {
      button.disabled = true;
      act(what, job.key);
    };
    buttons.push(button);
  }
  return h('li', { class: 'veml-job', 'data-state': job.state, 'data-job': job.key },
    h('div', {}, h('span', { class: 'veml-jobname' }, job.name), h('span', { class: 'veml-jobstate' }, trans.__(job.state))),
    bar, ...buttons, h('div', { class: 'veml-note' }, job.message ?? ''));
}
