/** The left sidebar: the lab's lifecycle in sections. */
import { ReactWidget, refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import * as React from 'react';
import { Cases } from './cases';
import { Details } from './details';
import { isDark, watchTheme } from './drawing/theme';
import type { LabModel } from './model';
import { emptyHints, Jobs, Lifecycle, matching, MOST_ROWS, PanelActions, Results, rowsOf, Section, SectionName, sectionTitles, SECTIONS, Versions } from './sections';
import { VERSION } from './version';

export type { PanelActions } from './sections';
export { matching } from './sections';

/** What of the labs the panel follows (labs.ts). */
export interface Following {
  readonly current: LabModel;
  readonly changed: ISignal<any, void>;
}

/** Which sections are folded; kept with JupyterLab's state, so that a reload finds them so. */
export interface Folding {
  closed: Set<string>;
  /** per cent of the panel that the details have */
  details: number;
  changed: () => void;
}

function useModel(model: LabModel): void {
  const [, tick] = React.useReducer((x: number) => x + 1, 0);
  React.useEffect(() => {
    model.changed.connect(tick);
    tick();
    return () => void model.changed.disconnect(tick);
  }, [model]);
}

function Panel({ model, trans, actions, folding }: { model: LabModel; trans: TranslationBundle; actions: PanelActions; folding: Folding }): JSX.Element {
  useModel(model);
  const [search, setSearch] = React.useState('');
  const [, fold] = React.useReducer((x: number) => x + 1, 0);
  const list = React.useRef<HTMLDivElement>(null);
  const ready = model.state === 'ready' || (model.state === 'error' && model.lab !== null); // what was said last stays
  const rows = matching(model.rows, search);
  const titles = sectionTitles(trans);
  const first = SECTIONS.flatMap(s => rowsOf(s, rows).slice(-MOST_ROWS))[0]?.id ?? '';

  const onKeyDown = (e: React.KeyboardEvent) => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('.veml-version') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const to = e.key === 'ArrowDown' ? at + 1 : e.key === 'ArrowUp' ? at - 1 : e.key === 'Home' ? 0 : e.key === 'End' ? items.length - 1 : -1;
    if (e.key === ' ' && e.ctrlKey) model.mark(items[at].dataset.version!);
    else if (e.key === 'Enter' || e.key === ' ') model.choose(items[at].dataset.version!);
    else if (e.key === 'ArrowRight') list.current?.parentElement?.querySelector<HTMLElement>('.veml-details button:not(.veml-plain)')?.focus();
    else if (e.key === 'Escape') model.choose('');
    else if (to >= 0 && to < items.length) items[to].focus();
    else return;
    e.preventDefault();
  };
  const toggle = (name: string) => () => {
    if (!folding.closed.delete(name)) folding.closed.add(name);
    folding.changed();
    fold();
  };
  const body = (name: SectionName): [number | null, React.ReactNode] => {
    switch (name) {
      case 'lifecycle':
        return [null, <Lifecycle model={model} trans={trans} actions={actions} />];
      case 'similarity':
        return [model.results.similarity.length, <Results view="similarity" title={titles[name]} results={model.results.similarity} hint={trans.__('Nothing was compared yet: with two data versions there is a button for it above.')} actions={actions} />];
      case 'drift':
        return [model.results.drift.length, <Results view="drift" title={titles[name]} results={model.results.drift} hint={trans.__('No test data was checked yet: choose a training or test data, then Drift.')} actions={actions} />];
      case 'bad-cases': {
        const members = rowsOf(name, rows);
        const none = model.cases.total || rowsOf(name, model.rows).length ? '' : emptyHints(trans)[name];
        return [
          model.cases.total || members.length,
          <><Cases model={model} trans={trans} actions={actions} /><Versions title={titles[name]} rows={members} model={model} first={first} hint={none} trans={trans} /></>
        ];
      }
      default: {
        const members = rowsOf(name, rows);
        const none = rowsOf(name, model.rows).length ? '' : emptyHints(trans)[name];
        return [members.length, <>{name === 'training' && <Jobs model={model} trans={trans} />}<Versions title={titles[name]} rows={members} model={model} first={first} hint={none} trans={trans} /></>];
      }
    }
  };

  return (
    <div className="veml-sidebar" data-state={model.state}>
      <header>
        <div className="veml-lab-line">
          <h2 className="veml-lab-name">{model.lab?.name ?? trans.__('VeML')}</h2>
          {model.busy && <span className="veml-busy" title={trans.__('A cell is running; the panel answers all the same')}>{trans.__('running')}</span>}
          {model.late && <span className="veml-busy" role="status">{trans.__('busy; asking again…')}</span>}
          {model.runningJobs > 0 && <span className="veml-busy veml-training-now">{trans._n('%1 job', '%1 jobs', model.runningJobs)}</span>}
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
          </div>
        )}
      </header>
      {model.state !== 'ready' && <Hint model={model} trans={trans} />}
      {ready && (
        <div className="veml-groups" ref={list} onKeyDown={onKeyDown}>
          {SECTIONS.map(name => {
            const [count, content] = body(name);
            return <Section key={name} name={name} title={titles[name]} count={count} open={!folding.closed.has(name)} toggle={toggle(name)}>{content}</Section>;
          })}
          {model.rows.length > 0 && !rows.length && <p className="veml-hint">{trans.__('No version matches the search.')}</p>}
        </div>
      )}
      {ready && (model.selected || model.marked.length > 1) && <Splitter folding={folding} trans={trans} />}
      {ready && (model.selected || model.marked.length > 1) && <Details model={model} trans={trans} actions={actions} />}
      <div className="veml-live" aria-live="polite">{ready ? trans._n('%1 version', '%1 versions', rows.length) : ''}</div>
    </div>
  );
}

const LEAST = 12, MOST = 85; // per cent of the panel that the details may have

/** The border between list and details: dragged, or moved by the arrow keys. */
function Splitter({ folding, trans }: { folding: Folding; trans: TranslationBundle }): JSX.Element {
  const bar = React.useRef<HTMLDivElement>(null);
  const [share, set] = React.useState(folding.details);
  const to = (percent: number) => {
    folding.details = Math.round(Math.max(LEAST, Math.min(MOST, percent)));
    set(folding.details);
  };
  React.useLayoutEffect(() => {
    bar.current?.parentElement?.style.setProperty('--veml-details', `${share}%`);
  }, [share]);
  const move = (e: React.PointerEvent) => {
    const panel = bar.current?.parentElement?.getBoundingClientRect();
    if (panel && e.buttons === 1) to((100 * (panel.bottom - e.clientY)) / panel.height);
  };
  const key = (e: React.KeyboardEvent) => {
    const step = e.key === 'ArrowUp' ? 5 : e.key === 'ArrowDown' ? -5 : 0;
    if (!step) return;
    e.preventDefault();
    to(share + step);
    folding.changed();
  };
  return (
    <div ref={bar} className="veml-splitter" role="separator" tabIndex={0} aria-orientation="horizontal" aria-label={trans.__('Height of the details')}
      aria-valuenow={share} aria-valuemin={LEAST} aria-valuemax={MOST} onKeyDown={key} onPointerMove={move}
      onPointerDown={e => (e.target as Element).setPointerCapture?.(e.pointerId)} onPointerUp={() => folding.changed()} />
  );
}

function Hint({ model, trans }: { model: LabModel; trans: TranslationBundle }): JSX.Element {
  const load = <button className="veml-accept veml-load" onClick={() => void model.load()}>{trans.__('Load in kernel')}</button>;
  const again = <button onClick={() => void model.refresh()}>{trans.__('Try again')}</button>;
  switch (model.state) {
    case 'no-notebook':
      return <div className="veml-hint"><p>{trans.__('Open a notebook: the panel shows the lab that its kernel has open. Or double-click the file lab.toml of a lab in the file browser.')}</p></div>;
    case 'no-kernel':
      return <div className="veml-hint"><p>{model.own ? trans.__('Starting a kernel for this lab…') : trans.__('This notebook has no kernel yet.')}</p></div>;
    case 'not-python':
      return <div className="veml-hint"><p>{trans.__('The kernel of this notebook is not Python; VeML-Lab is a Python package.')}</p></div>;
    case 'connecting':
      return <div className="veml-hint"><p>{model.own ? trans.__('Starting…') : trans.__('Asking the kernel…')}</p></div>;
    case 'not-loaded':
      return <div className="veml-hint"><p>{trans.__('veml_lab is not loaded in this kernel.')}</p>{load}</div>;
    case 'restarted':
      return model.own
        ? <div className="veml-hint"><p>{trans.__('The kernel of this lab restarts; the lab is opened again when it is back.')}</p></div>
        : <div className="veml-hint"><p>{trans.__('The kernel was restarted: no lab is open in it any more. Run your cells again, or')}</p>{load}</div>;
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
  constructor(private readonly labs: Following, private readonly trans: TranslationBundle, private readonly actions: PanelActions, private readonly folding: Folding = { closed: new Set(), details: 45, changed: () => undefined }) {
    super();
    this.id = 'veml-panel';
    this.addClass('veml-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('VeML versions'));
    this.unwatch = labs.current.watch(() => this.isVisible);
    labs.changed.connect(this.turn, this);
    const dress = () => (this.node.dataset.theme = isDark(this.node) ? 'dark' : 'light');
    dress();
    this.undress = watchTheme(dress);
  }

  render(): JSX.Element {
    return <Panel model={this.labs.current} trans={this.trans} actions={this.actions} folding={this.folding} />;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.labs.changed.disconnect(this.turn, this);
    this.unwatch();
    this.undress();
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.labs.current.refresh();
  }

  /** Another lab is looked at. */
  private turn(): void {
    this.unwatch();
    this.unwatch = this.labs.current.watch(() => this.isVisible);
    this.update();
  }

  private unwatch: () => void;
  private readonly undress: () => void;
}

/** One lab for ever: what tests and single views follow. */
export class Fixed implements Following {
  readonly changed: ISignal<this, void> = new Signal<this, void>(this);
  constructor(readonly current: LabModel) {}
}
