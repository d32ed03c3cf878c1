/** The sections of the sidebar: what the lab has, by what it is for. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';
import * as React from 'react';
import { number } from './drawing/dom';
import { canResume, isRunning, JobState, share } from './drawing/jobs';
import { asKind, Kind, KINDS, SHAPE_SVG, SHAPES } from './drawing/theme';
import type { Action, LabModel, Result, Row } from './model';

export interface PanelActions {
  openLineage: () => void;
  openView: (view: string, params: JSONObject, label: string) => void;
  /** Put the line of an action into a cell; `run` as well. */
  insert: (action: Action, before: string, run?: boolean) => void;
}

export function Symbol({ kind }: { kind: string }): JSX.Element {
  const k = asKind(kind);
  return (
    <svg className="veml-symbol" viewBox="0 0 16 16" aria-hidden="true" data-kind={k}>
      <path d={SHAPE_SVG[SHAPES[k]]} />
    </svg>
  );
}

/** Rows whose name, summary, kind or ID holds every word of the search. */
export function matching(rows: Row[], search: string): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(r => {
    const text = `${r.name} ${r.summary} ${r.kind} ${r.id}`.toLowerCase();
    return words.every(w => text.includes(w));
  });
}

/** The sections in their order; those with rows of a kind hold them. */
export const SECTIONS = ['lifecycle', 'data', 'similarity', 'drift', 'model', 'training', 'inference', 'bad-cases'] as const;
export type SectionName = (typeof SECTIONS)[number];

export function rowsOf(section: SectionName, rows: Row[]): Row[] {
  if (section === 'bad-cases') return rows.filter(r => r.kind === 'data' && r.bad_cases);
  if (section === 'data') return rows.filter(r => r.kind === 'data' && !r.bad_cases);
  return rows.filter(r => r.kind === section);
}

export function sectionTitles(trans: TranslationBundle): Record<SectionName, string> {
  return {
    lifecycle: trans.__('Lifecycle'), data: trans.__('Data'), similarity: trans.__('Similarity'), drift: trans.__('Drift'), model: trans.__('Models'),
    training: trans.__('Training'), inference: trans.__('Inference'), 'bad-cases': trans.__('Bad cases')
  };
}

/** What makes the first version of a section. */
export function emptyHints(trans: TranslationBundle): Record<Exclude<SectionName, 'lifecycle' | 'similarity' | 'drift'>, string> {
  return {
    data: trans.__('No data yet: Add data writes the line that brings some in.'),
    model: trans.__('No model yet: a first training makes one, or veml.model(data, recipe).'),
    training: trans.__('Nothing was trained yet: choose data, then Transfer and train, or veml.train(plan).'),
    inference: trans.__('Nothing was deployed yet: choose a training, then Deploy.'),
    'bad-cases': trans.__('No bad cases were kept yet: choose what is deployed, then Bad cases.')
  };
}

interface SectionProps {
  name: SectionName;
  title: string;
  count: number | null;
  open: boolean;
  toggle: () => void;
  children?: React.ReactNode;
}

export function Section({ name, title, count, open, toggle, children }: SectionProps): JSX.Element {
  const kind: Kind | null = (KINDS as readonly string[]).includes(name) ? (name as Kind) : name === 'bad-cases' ? 'data' : null;
  return (
    <section data-kind={name}>
      <h3>
        <button aria-expanded={open} onClick={toggle}>
          <span className="veml-twist" aria-hidden="true">{open ? '▾' : '▸'}</span>
          {kind ? <Symbol kind={kind} /> : <span className="veml-symbol" aria-hidden="true" />}
          <span>{title}</span>
          {count !== null && <span className="veml-count">{count}</span>}
        </button>
      </h3>
      {open && children}
    </section>
  );
}

/** The lifecycle in one line, what runs now, and what looks at the lab as a whole. */
export function Lifecycle({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element {
  const names: Record<Kind, string> = { data: trans.__('data'), model: trans.__('models'), training: trans.__('trainings'), inference: trans.__('deployed'), metadata: '' };
  const open = (view: string, label: string) => () => actions.openView(view, {}, label);
  const trained = model.rows.some(r => r.kind === 'training');
  return (
    <div className="veml-lifecycle">
      <ol>
        {KINDS.map(kind => (
          <li key={kind}><Symbol kind={kind} /> <b>{model.rows.filter(r => r.kind === kind).length}</b> {names[kind]}</li>
        ))}
      </ol>
      <div className="veml-buttons">
        <button className="veml-accept veml-open-lineage" onClick={actions.openLineage}>{trans.__('Lineage')}</button>
        {trained && <button onClick={open('runs', trans.__('Trainings'))}>{trans.__('Trainings')}</button>}
        {trained && <button onClick={open('curves', trans.__('Curves'))}>{trans.__('Curves')}</button>}
        {model.rows.some(r => r.kind === 'model') && <button onClick={open('models', trans.__('Models'))}>{trans.__('Model graph')}</button>}
        {model.jobs.length > 0 && <button onClick={open('jobs', trans.__('Jobs'))}>{trans.__('Jobs')}</button>}
        {model.labActions.actions.map(a => (
          <button key={a.id} title={a.code} onClick={() => actions.insert(a, model.labActions.before)}>{trans.__(a.label)}</button>
        ))}
      </div>
    </div>
  );
}

/** A page of thousands of rows is slow and nobody reads it: the newest, and the search for the others. */
export const MOST_ROWS = 300;

export function Versions({ title, rows: all, model, first, hint, trans }: { title: string; rows: Row[]; model: LabModel; first: string; hint: string; trans: TranslationBundle }): JSX.Element | null {
  if (!all.length) return hint ? <p className="veml-hint">{hint}</p> : null;
  const rows = all.slice(-MOST_ROWS);
  const choose = (e: React.MouseEvent, id: string) => (e.ctrlKey || e.metaKey ? model.mark(id) : model.choose(id === model.selected ? '' : id));
  return (
    <>
    {all.length > rows.length && <p className="veml-hint">{trans.__('The newest %1 of %2; find the others by name.', rows.length, all.length)}</p>}
    <ul role="listbox" aria-label={title} aria-multiselectable="true">
      {rows.map(r => {
        const metric = r.metric === null || r.metric === undefined ? '' : number(r.metric);
        const chosen = r.id === model.selected, marked = model.marked.includes(r.id);
        return (
          <li key={r.id} role="option" className="veml-version" data-version={r.id} data-kind={r.kind} data-marked={marked || undefined} aria-selected={chosen || marked}
            tabIndex={r.id === (model.selected || first) ? 0 : -1} onClick={e => choose(e, r.id)} title={`${r.name}\n${r.summary}`}>
            <Symbol kind={r.kind} />
            <span className="veml-name">{r.name}</span>
            {metric && <span className="veml-metric" title={r.metric_name ?? ''}>{metric}</span>}
            <span className="veml-summary">{r.summary}</span>
          </li>
        );
      })}
    </ul>
    </>
  );
}

/** Similarities or drift reports, each opens as a tab. */
export function Results({ view, title, results, hint, actions }: { view: 'similarity' | 'drift'; title: string; results: Result[]; hint: string; actions: PanelActions }): JSX.Element {
  if (!results.length) return <p className="veml-hint">{hint}</p>;
  return (
    <ul aria-label={title}>
      {results.map(r => (
        <li key={`${r.view ?? view} ${r.number}`}>
          <button className="veml-result" data-drifted={r.drifted} onClick={() => actions.openView(r.view ?? view, { number: r.number }, r.name)} title={r.name}>
            <span className="veml-name">{r.name}</span>
            <span className="veml-summary">{r.summary}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Jobs that run or can go on. */
export function Jobs({ model, trans }: { model: LabModel; trans: TranslationBundle }): JSX.Element | null {
  const [said, setSaid] = React.useState('');
  const shown = model.jobs.filter(j => isRunning(j) || canResume(j)).slice(0, 12);
  if (!shown.length) return null;
  const act = (what: 'stop' | 'resume', job: JobState) => model.job(what, job.key).then(setSaid, (e: Error) => setSaid(e.message));
  return (
    <>
      <ul aria-label={trans.__('Jobs')} className="veml-joblist">
        {shown.map(j => (
          <li key={j.key} className="veml-job" data-state={j.state} data-job={j.key}>
            <div><span className="veml-jobname">{j.name}</span><span className="veml-jobstate">{trans.__(j.state)}</span></div>
            {isRunning(j)
              ? <button onClick={() => void act('stop', j)} aria-label={trans.__('Stop %1', j.name)}>{trans.__('Stop')}</button>
              : <button onClick={() => void act('resume', j)} aria-label={trans.__('Resume %1', j.name)}>{trans.__('Resume')}</button>}
            <progress max={1} value={share(j) ?? undefined} aria-label={trans.__('Progress of %1', j.name)} />
            <span className="veml-summary">{j.message}</span>
          </li>
        ))}
      </ul>
      <p className="veml-hint" role="status" hidden={!said}>{said}</p>
    </>
  );
}
