/** The left sidebar: versions of the lab, by kind. */
import { ReactWidget, refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import { number, readable } from './drawing/dom';
import { asKind, isDark, KINDS, SHAPE_SVG, SHAPES, watchTheme } from './drawing/theme';
import type { LabModel, Row } from './model';
import { VERSION } from './version';

export interface PanelActions {
  openLineage: () => void;
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

function useModel(model: LabModel): void {
  const [, tick] = React.useReducer((x: number) => x + 1, 0);
  React.useEffect(() => {
    model.changed.connect(tick);
    return () => void model.changed.disconnect(tick);
  }, [model]);
}

function Panel({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element {
  useModel(model);
  const [search, setSearch] = React.useState('');
  const [closed, setClosed] = React.useState<Set<string>>(new Set());
  const list = React.useRef<HTMLDivElement>(null);
  const ready = model.state === 'ready';
  const rows = matching(model.rows, search);

  const titles: Record<string, string> = {
    data: trans.__('Data'), model: trans.__('Models'), training: trans.__('Trainings'), inference: trans.__('Inference')
  };

  const onKeyDown = (e: React.KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('.veml-version') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = e.key === 'ArrowDown' ? at + 1 : e.key === 'ArrowUp' ? at - 1 : e.key === 'Home' ? 0 : e.key === 'End' ? items.length - 1 : -1;
    if (e.key === 'Enter' || e.key === ' ') model.choose(items[at].dataset.version!);
    else if (e.key === 'Escape') model.choose('');
    else if (to >= 0 && to < items.length) items[to].focus();
    else return;
    e.preventDefault();
  };
  const toggle = (kind: string) => {
    const next = new Set(closed);
    if (!next.delete(kind)) next.add(kind);
    setClosed(next);
  };
  const first = rows.length ? rows[0].id : '';

  return (
    <div className="veml-sidebar" data-state={model.state}>
      <header>
        <div className="veml-lab-line">
          <h2 className="veml-lab-name">{model.lab?.name ?? trans.__('VeML')}</h2>
          {model.busy && <span className="veml-busy" title={trans.__('A cell is running; the panel answers all the same')}>{trans.__('running')}</span>}
        </div>
        {model.lab && <div className="veml-path" title={model.lab.path}><bdi dir="ltr">{model.lab.path}</bdi></div>}
        {model.labs.length > 1 && (
          <select aria-label={trans.__('Lab')} value={model.lab?.path ?? ''} onChange={e => model.useLab(e.target.value)}>
            {model.labs.map(l => <option key={l.path} value={l.path}>{l.name}</option>)}
          </select>
        )}
        {ready && (
          <div className="veml-tools">
            <input type="search" value={search} placeholder={trans.__('Find…')} aria-label={trans.__('Find a version')} onChange={e => setSearch(e.target.value)} />
            <button className="veml-refresh" title={trans.__('Refresh')} aria-label={trans.__('Refresh')} onClick={() => void model.refresh()}><refreshIcon.react tag="span" width="16px" height="16px" /></button>
            <button className="veml-accept veml-open-lineage" onClick={actions.openLineage}>{trans.__('Lineage')}</button>
          </div>
        )}
      </header>
      {!ready && <Hint model={model} trans={trans} />}
      {ready && (
        <div className="veml-groups" ref={list} onKeyDown={onKeyDown}>
          {KINDS.map(kind => {
            const members = rows.filter(r => r.kind === kind);
            const open = !closed.has(kind);
            return (
              <section key={kind} data-kind={kind}>
                <h3>
                  <button aria-expanded={open} onClick={() => toggle(kind)}>
                    <span className="veml-twist" aria-hidden="true">{open ? '▾' : '▸'}</span>
                    <Symbol kind={kind} />
                    <span>{titles[kind]}</span>
                    <span className="veml-count">{members.length}</span>
                  </button>
                </h3>
                {open && members.length > 0 && (
                  <ul role="listbox" aria-label={titles[kind]}>
                    {members.map(r => <Version key={r.id} row={r} chosen={r.id === model.selected} stop={r.id === (model.selected || first)} onChoose={() => model.choose(r.id === model.selected ? '' : r.id)} />)}
                  </ul>
                )}
              </section>
            );
          })}
          {!model.rows.length && <p className="veml-hint">{trans.__('This lab has no versions yet.')}</p>}
          {model.rows.length > 0 && !rows.length && <p className="veml-hint">{trans.__('No version matches the search.')}</p>}
        </div>
      )}
      {ready && model.selected && <Details model={model} trans={trans} actions={actions} />}
      <div className="veml-live" aria-live="polite">{ready ? trans.__('%1 versions', rows.length) : ''}</div>
    </div>
  );
}

function Version({ row, chosen, stop, onChoose }: { row: Row; chosen: boolean; stop: boolean; onChoose: () => void }): JSX.Element {
  const metric = row.metric === null || row.metric === undefined ? '' : number(row.metric);
  return (
    <li role="option" className="veml-version" data-version={row.id} data-kind={row.kind} aria-selected={chosen} tabIndex={stop ? 0 : -1} onClick={onChoose} title={`${row.name}\n${row.summary}`}>
      <Symbol kind={row.kind} />
      <span className="veml-name">{row.name}</span>
      {metric && <span className="veml-metric" title={row.metric_name ?? ''}>{metric}</span>}
      <span className="veml-summary">{row.summary}</span>
    </li>
  );
}

function Details({ model, trans, actions }: { model: LabModel; trans: TranslationBundle; actions: PanelActions }): JSX.Element | null {
  const row = model.rows.find(r => r.id === model.selected);
  if (!row) return null;
  const facts = Object.entries(model.detail ?? {}).filter(([k]) => !['name', 'kind'].includes(k));
  return (
    <aside className="veml-details" aria-label={trans.__('Details of %1', row.name)}>
      <h3><Symbol kind={row.kind} /> <span>{row.name}</span>
        <button className="veml-plain" aria-label={trans.__('Close')} onClick={() => model.choose('')}>×</button></h3>
      {model.detailError && <p role="alert" className="veml-problem">{model.detailError}</p>}
      {!model.detail && !model.detailError && <p className="veml-hint">{trans.__('Asking the kernel…')}</p>}
      <dl>{facts.map(([k, v]) => <React.Fragment key={k}><dt>{k.replace(/_/g, ' ')}</dt><dd>{k === 'created' ? String(v).slice(0, 16).replace('T', ' ') : readable(v)}</dd></React.Fragment>)}</dl>
      <button onClick={actions.openLineage}>{trans.__('Show in lineage')}</button>
    </aside>
  );
}

function Hint({ model, trans }: { model: LabModel; trans: TranslationBundle }): JSX.Element {
  const load = <button className="veml-accept veml-load" onClick={() => void model.load()}>{trans.__('Load in kernel')}</button>;
  const again = <button onClick={() => void model.refresh()}>{trans.__('Try again')}</button>;
  switch (model.state) {
    case 'no-notebook':
      return <div className="veml-hint"><p>{trans.__('Open a notebook: the panel shows the lab that its kernel has open.')}</p></div>;
    case 'no-kernel':
      return <div className="veml-hint"><p>{trans.__('This notebook has no kernel yet.')}</p></div>;
    case 'not-python':
      return <div className="veml-hint"><p>{trans.__('The kernel of this notebook is not Python; VeML-Lab is a Python package.')}</p></div>;
    case 'connecting':
      return <div className="veml-hint"><p>{trans.__('Asking the kernel…')}</p></div>;
    case 'not-loaded':
      return <div className="veml-hint"><p>{trans.__('veml_lab is not loaded in this kernel.')}</p>{load}</div>;
    case 'restarted':
      return <div className="veml-hint"><p>{trans.__('The kernel was restarted: no lab is open in it any more. Run your cells again, or')}</p>{load}</div>;
    case 'no-lab':
      return (
        <div className="veml-hint">
          <p>{trans.__('No lab is open in this kernel. In a cell:')}</p>
          <pre>{'import veml_lab as veml\nlab = veml.open("my-lab")'}</pre>
        </div>
      );
    case 'mismatch':
      return <div className="veml-hint veml-problem" role="alert"><p>{trans.__('This page is VeML-Lab %1, the kernel has %2. Install the same version for both, restart the kernel and reload the page.', VERSION, model.kernelVersion)}</p></div>;
    default:
      return <div className="veml-hint veml-problem" role="alert"><p>{model.error}</p>{again}</div>;
  }
}

export class VersionsPanel extends ReactWidget {
  constructor(readonly model: LabModel, private readonly trans: TranslationBundle, private readonly actions: PanelActions) {
    super();
    this.id = 'veml-panel';
    this.addClass('veml-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('VeML versions'));
    this.unwatch = model.watch(() => this.isVisible);
    const dress = () => (this.node.dataset.theme = isDark(this.node) ? 'dark' : 'light');
    dress();
    this.undress = watchTheme(dress);
  }

  render(): JSX.Element {
    return <Panel model={this.model} trans={this.trans} actions={this.actions} />;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.unwatch();
    this.undress();
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.model.refresh();
  }

  private readonly unwatch: () => void;
  private readonly undress: () => void;
}
