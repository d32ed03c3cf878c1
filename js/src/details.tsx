/** What is known of the chosen version, and what can be done with it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { readable } from './drawing/dom';
import { FOLDED, groupsOf } from './drawing/parts';
import { ActionForm } from './form';
import type { Action, LabModel } from './model';
import { PanelActions, Symbol } from './sections';

export function Details({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element | null {
  const [asking, ask] = React.useState('');
  React.useEffect(() => ask(''), [model.selected]);
  if (model.marked.length > 1) return <Marked model={model} trans={trans} actions={actions} />;
  const row = model.rows.find(r => r.id === model.selected);
  if (!row) return null;
  const facts = Object.entries(model.detail ?? {}).filter(([k]) => !['name', 'kind'].includes(k));
  const groups = groupsOf(model.detail ?? {});
  const { before, actions: known } = model.actions;
  // back to the row that it tells of: the keyboard is not lost
  const back = (e: React.KeyboardEvent<HTMLElement>) => {
    if (e.key !== 'Escape') return;
    e.currentTarget.closest('.veml-sidebar')?.querySelector<HTMLElement>(`[data-version="${CSS.escape(row.id)}"]`)?.focus();
    e.stopPropagation();
  };
  const form = known.find(a => a.form && a.id === asking);
  const looks = known.filter(a => a.view), lines = known.filter(a => !a.view);
  return (
    <aside className="veml-details" aria-label={trans.__('Details of %1', row.name)} onKeyDown={back}>
      <h3><Symbol kind={row.kind} /> <span>{row.name}</span>
        <button className="veml-plain" aria-label={trans.__('Close')} onClick={() => model.choose('')}>×</button></h3>
      {looks.length > 0 && (
        <div className="veml-buttons" role="group" aria-label={trans.__('Look at it')}>
          {looks.map(a => <Look key={a.id} action={a} before={before} name={row.name} trans={trans} actions={actions} />)}
        </div>
      )}
      {lines.length > 0 && (
        <div className="veml-buttons" role="group" aria-label={trans.__('Do, as a cell')}>
          {lines.map(a => <button key={a.id} data-action={a.id} className="veml-line" title={a.code} aria-expanded={a.form ? asking === a.id : undefined} onClick={() => (a.form ? ask(asking === a.id ? '' : a.id) : actions.insert(a, before))}>{trans.__(a.label)}{a.form ? '…' : ''}</button>)}
        </div>
      )}
      {form && <ActionForm key={`${row.id} ${form.id}`} action={form} version={row.id} model={model} trans={trans} actions={actions} close={() => ask('')} />}
      {model.detailError && <p role="alert" className="veml-problem">{model.detailError}</p>}
      {!model.detail && !model.detailError && <p className="veml-hint">{trans.__('Asking the kernel…')}</p>}
      {groups && <p className="veml-summary">{row.summary}{row.created && ` · ${row.created.slice(0, 16).replace('T', ' ')}`}</p>}
      {groups?.map(g => (
        <details key={g.title} className="veml-facts" open={!FOLDED.includes(g.title)}>
          <summary>{trans.__(g.title)}</summary>
          <dl>{g.facts.map(([name, said]) => <React.Fragment key={name}><dt>{name}</dt><dd>{said}</dd></React.Fragment>)}</dl>
        </details>
      ))}
      {!groups && <dl>{facts.map(([k, v]) => <React.Fragment key={k}><dt>{k.replace(/_/g, ' ')}</dt><dd>{k === 'created' ? String(v).slice(0, 16).replace('T', ' ') : readable(v)}</dd></React.Fragment>)}</dl>}
    </aside>
  );
}

/** A button that opens a tab, and beside it one that writes the line that shows the same into a cell. */
function Look({ action, before, name, trans, actions }: { action: Action; before: string; name: string; trans: TranslationBundle; actions: PanelActions }): JSX.Element {
  const open = () => (action.id === 'lineage' ? actions.openLineage() : actions.openView(action.view, action.params ?? {}, `${trans.__(action.label)}: ${name}`));
  return (
    <span className="veml-duo">
      <button data-action={action.id} onClick={open}>{trans.__(action.label)}</button>
      <button className="veml-code" title={action.code} aria-label={trans.__('%1 as a cell', trans.__(action.label))} onClick={() => actions.insert(action, before)}>{'</>'}</button>
    </span>
  );
}

function Marked({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element {
  const rows = model.marked.flatMap(id => model.rows.find(r => r.id === id) ?? []);
  const kinds = new Set(rows.map(r => r.kind));
  const names = rows.map(r => r.name).join(', ');
  const ids = rows.map(r => r.id);
  return (
    <aside className="veml-details" aria-label={trans._n('%1 version chosen', '%1 versions chosen', rows.length)}>
      <h3><span>{trans._n('%1 version chosen', '%1 versions chosen', rows.length)}</span>
        <button className="veml-plain" aria-label={trans.__('Close')} onClick={() => model.choose('')}>×</button></h3>
      <p className="veml-hint">{names}</p>
      {kinds.size > 1
        ? <p className="veml-hint">{trans.__('Only versions of one kind can be compared.')}</p>
        : (
          <div className="veml-buttons">
            <button className="veml-accept" data-action="compare" onClick={() => actions.openView('compare', { versions: ids }, trans.__('Compare: %1', names))}>{trans.__('Compare')}</button>
            {kinds.has('training') && <button onClick={() => actions.openView('curves', { versions: ids }, trans.__('Curves: %1', names))}>{trans.__('Curves')}</button>}
            {kinds.has('data') && <button onClick={() => actions.openView('map', { versions: ids }, trans.__('Map: %1', names))}>{trans.__('One map')}</button>}
            {kinds.has('data') && <button onClick={() => actions.openView('browse', { version: ids[0], against: ids.slice(1, 2) }, trans.__('Side by side: %1', names))}>{trans.__('Side by side')}</button>}
          </div>
        )}
    </aside>
  );
}
