/** What is asked before an action computes: its choices, what it costs and brings, and the line that will do it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { N_ } from './drawing/words';
import type { Action, Form, LabModel } from './model';
import type { PanelActions } from './sections';

/** What the kernel calls the fields and what it says beside them. */
export const WORDS = [
  N_('data'), N_('method'), N_('budget'), N_('donor'), N_('measure'), N_('training'), N_('samples that are compared'), N_('labels needed'), N_('time'), N_('expected gain'),
  N_('expected gain over scratch'), N_('advice'), N_('not for this training'), N_('compares'), N_('compares with'), N_('looks at'), N_('runs over')
];

interface Props { action: Action; version: string; model: LabModel; trans: TranslationBundle; actions: PanelActions; close: () => void }

export function ActionForm({ action, version, model, trans, actions, close }: Props): JSX.Element {
  const [values, choose] = React.useState<Record<string, string | number>>({});
  const [form, show] = React.useState<Form | null>(null);
  const [error, fail] = React.useState('');
  const first = React.useRef<HTMLFormElement>(null);
  React.useEffect(() => {
    let wanted = true;
    model.form(version, action.id, values).then(found => {
      if (!wanted) return;
      show(found);
      fail('');
    }, (e: Error) => { if (wanted) fail(e.message); });
    return () => { wanted = false; };
  }, [version, action.id, values, model]);
  const there = form !== null;
  React.useEffect(() => first.current?.querySelector<HTMLElement>('select, input')?.focus(), [there]);
  const set = (name: string, value: string | number) => choose({ ...values, [name]: value });
  const write = (e: React.FormEvent) => {
    e.preventDefault();
    if (form && !error) actions.insert({ ...action, code: form.code }, model.actions.before);
    close();
  };
  const keys = (e: React.KeyboardEvent) => {
    e.stopPropagation(); // the list's keys are not meant
    if (e.key === 'Escape') close();
  };
  return (
    <form ref={first} className="veml-form" aria-label={trans.__(action.label)} data-form={action.id} onSubmit={write} onKeyDown={keys}>
      <h4>{trans.__(action.label)}</h4>
      {!there && !error && <p className="veml-hint">{trans.__('Asking the kernel…')}</p>}
      {form?.fields.map(f => (
        <label key={f.name}>
          <span>{trans.__(f.label)}</span>
          {f.options
            ? <select name={f.name} value={String(values[f.name] ?? f.value)} onChange={e => set(f.name, e.target.value)}>{f.options.map(([value, said]) => <option key={value} value={value}>{said}</option>)}</select>
            : <input name={f.name} type="number" step="any" min={f.least} max={f.most} defaultValue={f.value} onChange={e => { if (e.target.value !== '') set(f.name, Number(e.target.value)); }} />}
        </label>
      ))}
      {form && <dl>{form.says.map(([name, said]) => <React.Fragment key={name}><dt>{trans.__(name)}</dt><dd>{said}</dd></React.Fragment>)}</dl>}
      {error && <p role="alert" className="veml-problem">{error}</p>}
      {form && !error && <pre>{form.code}</pre>}
      <div className="veml-buttons">
        <button type="submit" className="veml-accept" disabled={!form || error !== ''}>{trans.__('Write the cell')}</button>
        <button type="button" onClick={close}>{trans.__('Cancel')}</button>
      </div>
    </form>
  );
}
