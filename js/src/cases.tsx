/** Bad cases in the sidebar: the most pressing first, by function, state and week; a board of states. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LabModel } from './model';
import type { PanelActions } from './sections';

/** One case as a line (veml_lab/faces/cases.py, board). */
export interface CaseRow {
  id: string;
  uri: string;
  function: string;
  status: string;
  since: string;
  priority: string;
  frequency: number;
  /** In words: "bus missed". */
  wrong: string;
  week: string;
  description: string;
}
export interface CaseBoard {
  total: number;
  found: number;
  functions: string[];
  weeks: string[];
  states: Record<string, number>;
  rows: CaseRow[];
}
/** What is filtered: a value of each, '' for all. */
export interface CaseFilter {
  function: string;
  status: string;
  week: string;
}
export const NO_CASES: CaseBoard = { total: 0, found: 0, functions: [], weeks: [], states: {}, rows: [] };
export const ALL: CaseFilter = { function: '', status: '', week: '' };

/** Those filters that are set. */
export function asked(filter: CaseFilter): Partial<CaseFilter> {
  return Object.fromEntries(Object.entries(filter).filter(([, v]) => v));
}

/** The words of the states; each is said by its word, never by colour alone. */
export function stateWords(trans: TranslationBundle): Record<string, string> {
  return {
    new: trans.__('new'), confirmed: trans.__('confirmed'), regressed: trans.__('regressed'), solved: trans.__('solved'),
    'label error': trans.__('label error'), 'will not fix': trans.__('will not fix'), duplicate: trans.__('duplicate')
  };
}

function Choice({ label, value, values, all, words, set }: { label: string; value: string; values: string[]; all: string; words?: Record<string, string>; set: (v: string) => void }): JSX.Element {
  return (
    <select aria-label={label} value={value} onChange={e => set(e.target.value)}>
      <option value="">{all}</option>
      {[...new Set(value ? [value, ...values] : values)].map(v => <option key={v} value={v}>{words?.[v] ?? v}</option>)}
    </select>
  );
}

/** The list by priority; nothing where no case was reported. */
export function Cases({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element | null {
  const { cases, caseFilter: filter } = model;
  if (!cases.total && !Object.values(filter).some(Boolean)) return null;
  const words = stateWords(trans);
  const set = (part: Partial<CaseFilter>) => void model.filterCases({ ...filter, ...part });
  const where = asked(filter);
  const open = (view: string, label: string) => () => actions.openView(view, Object.keys(where).length ? { where } : {}, label);
  return (
    <div className="veml-cases">
      <ol className="veml-board" aria-label={trans.__('Cases by state')}>
        {Object.entries(cases.states).map(([state, n]) => (
          <li key={state}>
            <button data-state={state} aria-pressed={filter.status === state} onClick={() => set({ status: filter.status === state ? '' : state })}><b>{n}</b> {words[state] ?? state}</button>
          </li>
        ))}
      </ol>
      <div className="veml-casefilter">
        <Choice label={trans.__('Function')} all={trans.__('Function')} value={filter.function} values={cases.functions} set={v => set({ function: v })} />
        <Choice label={trans.__('State')} all={trans.__('State')} value={filter.status} values={Object.keys(cases.states)} words={words} set={v => set({ status: v })} />
        <Choice label={trans.__('Week')} all={trans.__('Week')} value={filter.week} values={cases.weeks} set={v => set({ week: v })} />
      </div>
      <div className="veml-buttons">
        <button onClick={open('cases', trans.__('Bad cases'))} disabled={!cases.found}>{trans.__('Pictures')}</button>
        <button onClick={open('cases weekly', trans.__('Bad cases by week'))} disabled={!cases.found}>{trans.__('By week')}</button>
        <button onClick={open('cases statistics', trans.__('Bad cases by kind'))} disabled={!cases.found}>{trans.__('By kind')}</button>
      </div>
      {!cases.found && <p className="veml-hint">{trans.__('No case passes these filters.')}</p>}
      {cases.found > cases.rows.length && <p className="veml-hint">{trans.__('The most pressing %1 of %2.', cases.rows.length, cases.found)}</p>}
      <ul aria-label={trans.__('Bad cases')}>
        {cases.rows.map(c => (
          <li key={c.id}>
            <button className="veml-case" data-case={c.id} data-priority={c.priority} title={`${c.uri}\n${c.id}\n${c.description}`} onClick={() => actions.openView('cases', { where: { id: c.id } }, c.uri)}>
              <span className="veml-name">{c.wrong}</span>
              <span className="veml-metric">{trans.__('%1×', c.frequency)}</span>
              <span className="veml-summary">
                {c.priority === 'high' ? trans.__('high') : c.priority === 'medium' ? trans.__('medium') : trans.__('low')} · {words[c.status] ?? c.status}{c.since && ` (${c.since})`} · {c.function} · {c.uri}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
