/** The JupyterLab extension: the VeML panel, labs as documents, and tabs for every view of a lab. */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, showErrorMessage, WidgetTracker } from '@jupyterlab/apputils';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { JSONObject } from '@lumino/coreutils';
import { writeCell } from './cells';
import { LINE_EVENT } from './drawing/lines';
import { bring } from './drawing/plotly';
import { speak } from './drawing/words';
import { vemlIcon } from './icon';
import { FACTORY, FILE_TYPE, LabFactory, Labs } from './labs';
import { LineageTab } from './lineageTab';
import { Folding, VersionsPanel } from './panel';
import { showSaved } from './saved';
import { JobStatus, StatusTurn } from './status';
import { ViewArgs, ViewTab } from './views';

export namespace CommandIDs {
  export const panel = 'veml:open-panel';
  export const lineage = 'veml:open-lineage';
  export const refresh = 'veml:refresh';
  export const openLab = 'veml:open-lab';
  export const view = 'veml:open-view';
  export const insert = 'veml:insert-cell';
  export const runs = 'veml:open-runs';
  export const jobs = 'veml:open-jobs';
}

const FOLDED = 'veml-lab:folded';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'veml-lab:plugin',
  description: 'The lifecycle of a lab: versions, lineage, similarity, drift, trainings.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, ICommandPalette, ILauncher, ISettingRegistry, ITranslator, IFileBrowserFactory, IStatusBar, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null,
    browsers: IFileBrowserFactory | null,
    statusBar: IStatusBar | null,
    state: IStateDB | null
  ) => {
    const trans = (translator ?? nullTranslator).load('veml_lab');
    speak(trans); // the drawings, those in cells as well
    bring(() => import('plotly.js-strict-dist-min')); // a chunk of its own, fetched when a chart is first drawn
    const { commands, shell } = app;
    const labs = new Labs(notebooks, NotebookActions);
    let runCells = true;

    // -- the panel
    const folding: Folding = { closed: new Set(), details: 45, changed: () => void state?.save(FOLDED, { closed: [...folding.closed], details: folding.details }) };
    const panel = new VersionsPanel(labs, trans, {
      openLineage: () => void commands.execute(CommandIDs.lineage),
      openView: (view, params, label) => void commands.execute(CommandIDs.view, { view, params, label, source: labs.sourceOf(labs.current) }),
      insert: (action, before, run) => void commands.execute(CommandIDs.insert, { code: action.code, before, run: run ?? runCells })
    }, folding);
    // a drawing in a cell or a tab asks for a line in a cell: only after a real click, and never without it being seen
    document.addEventListener(LINE_EVENT, e => {
      const code = (e as CustomEvent).detail?.code;
      if (typeof code !== 'string' || navigator.userActivation?.isActive === false) return;
      e.preventDefault();
      void commands.execute(CommandIDs.insert, { code, before: labs.current.labActions.before, run: runCells });
    });
    panel.title.icon = vemlIcon;
    panel.title.caption = trans.__('VeML lab');
    shell.add(panel, 'left', { rank: 600, type: 'VeML' });
    restorer?.add(panel, panel.id);
    state?.fetch(FOLDED).then(kept => {
      const { closed = [], details = 45 } = Array.isArray(kept) ? { closed: kept as string[] } : ((kept ?? {}) as { closed?: string[]; details?: number });
      for (const name of closed) folding.closed.add(name);
      folding.details = Math.max(12, Math.min(85, Number(details) || 45));
      panel.update();
    }).catch(() => undefined);
    (shell as any).currentChanged?.connect(() => {
      const current = shell.currentWidget;
      labs.follow(current, current !== null && notebooks.has(current));
    });

    // -- drawings of saved notebooks
    notebooks.forEach(book => showSaved(book, trans));
    notebooks.widgetAdded.connect((_, book) => showSaved(book, trans));

    // -- labs as documents: lab.toml opens with a kernel of its own
    app.docRegistry.addFileType(FILE_TYPE);
    const factory = new LabFactory(labs, trans);
    app.docRegistry.addWidgetFactory(factory);
    const documents = new WidgetTracker<IDocumentWidget<LineageTab>>({ namespace: 'veml-labs' });
    factory.widgetCreated.connect((_, widget) => {
      widget.context.pathChanged.connect(() => void documents.save(widget));
      void documents.add(widget);
      // the last layout is put back when JupyterLab has started, and would hide a panel that was opened before
      void app.restored.then(() => commands.execute(CommandIDs.panel)).catch(() => undefined);
    });
    void restorer?.restore(documents, { command: 'docmanager:open', args: w => ({ path: w.context.path, factory: FACTORY }), name: w => w.context.path });

    commands.addCommand(CommandIDs.openLab, {
      label: trans.__('Open in VeML'),
      caption: trans.__('Open the lab in this folder with a kernel of its own'),
      icon: vemlIcon,
      describedBy: { args: { type: 'object', properties: { path: { type: 'string', description: trans.__('Folder of the lab; the chosen one of the file browser unless given') } } } },
      isVisible: () => [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].some(i => i.type === 'directory'),
      execute: async args => {
        const chosen = [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].find(i => i.type === 'directory');
        const folder = (args.path as string | undefined) ?? chosen?.path;
        if (folder === undefined) return;
        const path = `${folder}/lab.toml`.replace(/^\//, '');
        try {
          await app.serviceManager.contents.get(path, { content: false });
        } catch {
          return showErrorMessage(trans.__('No lab'), trans.__('The folder %1 is no lab: it has no lab.toml. Make one with veml_lab.open("…") or with: veml demo', folder));
        }
        return commands.execute('docmanager:open', { path, factory: FACTORY });
      }
    });

    // -- tabs
    const nothing = { args: { type: 'object' as const, properties: {} } };
    const lineages = new WidgetTracker<MainAreaWidget<LineageTab>>({ namespace: 'veml-lineage' });
    commands.addCommand(CommandIDs.lineage, {
      label: args => (args.isLauncher ? trans.__('Lineage') : trans.__('Open VeML Lineage')),
      caption: trans.__('The graph of all versions of the lab'),
      icon: vemlIcon,
      describedBy: nothing,
      execute: async () => {
        const own = documents.find(w => w.content.model === labs.current);
        if (own) return shell.activateById(own.id); // the lab's own tab is its lineage
        let tab = lineages.currentWidget ?? undefined;
        if (!tab || tab.isDisposed) {
          tab = new MainAreaWidget({ content: new LineageTab(labs.notebook, trans) });
          tab.id = 'veml-lineage';
          tab.title.label = trans.__('Lineage');
          tab.title.caption = trans.__('Lineage of the lab');
          tab.title.icon = vemlIcon;
          tab.title.closable = true;
          await lineages.add(tab);
        }
        if (!tab.isAttached) shell.add(tab, 'main', { type: 'VeML' });
        shell.activateById(tab.id);
      }
    });
    void restorer?.restore(lineages, { command: CommandIDs.lineage, name: () => 'lineage' });

    const views = new WidgetTracker<MainAreaWidget<ViewTab>>({ namespace: 'veml-views' });
    const idOf = (args: ViewArgs) => `veml-view-${args.view}-${JSON.stringify(args.params)}-${args.source}`;
    commands.addCommand(CommandIDs.view, {
      label: args => (args.label as string | undefined) ?? trans.__('Open a VeML View'),
      icon: vemlIcon,
      describedBy: { args: { type: 'object', properties: { view: { type: 'string' }, params: { type: 'object' }, label: { type: 'string' }, source: { type: 'string' } } } },
      execute: async given => {
        const args: ViewArgs = { view: String(given.view ?? 'runs'), params: (given.params as JSONObject) ?? {}, label: String(given.label ?? given.view), source: String(given.source ?? labs.sourceOf(labs.current)) };
        const id = idOf(args);
        let tab = views.find(w => w.id === id);
        if (!tab) {
          tab = new MainAreaWidget({ content: new ViewTab(args, () => labs.of(args.source), trans) });
          tab.id = id;
          tab.title.label = args.label.length > 34 ? `${args.label.slice(0, 33)}…` : args.label;
          tab.title.caption = args.label;
          tab.title.icon = vemlIcon;
          tab.title.closable = true;
          await views.add(tab);
        }
        if (!tab.isAttached) shell.add(tab, 'main', { type: 'VeML' });
        shell.activateById(tab.id);
        tab.content.attend();
      }
    });
    void restorer?.restore(views, { command: CommandIDs.view, args: w => ({ ...w.content.args }) as any, name: w => w.id });
    labs.changed.connect(() => views.forEach(w => w.content.attend()));

    const shortcut = (id: string, view: string, label: string) => commands.addCommand(id, {
      label, icon: vemlIcon, describedBy: nothing,
      execute: () => commands.execute(CommandIDs.view, { view, params: {}, label, source: labs.sourceOf(labs.current) })
    });
    shortcut(CommandIDs.runs, 'runs', trans.__('VeML Trainings'));
    shortcut(CommandIDs.jobs, 'jobs', trans.__('VeML Jobs'));

    commands.addCommand(CommandIDs.insert, {
      label: trans.__('Insert a VeML Line as a Cell'),
      describedBy: { args: { type: 'object', properties: { code: { type: 'string' }, before: { type: 'string' }, run: { type: 'boolean' } } } },
      isVisible: () => false,
      execute: args => {
        const source = labs.sourceOf(labs.current);
        const cwd = source.split('/').slice(0, -2).join('/');
        return writeCell(app, notebooks, { code: String(args.code ?? ''), before: String(args.before ?? ''), run: args.run === true, cwd, fresh: source !== '' });
      }
    });
    commands.addCommand(CommandIDs.panel, { label: trans.__('Show VeML Panel'), icon: vemlIcon, describedBy: nothing, execute: () => shell.activateById(panel.id) });
    commands.addCommand(CommandIDs.refresh, { label: trans.__('Refresh VeML Panel'), describedBy: nothing, execute: () => labs.current.refresh() });

    for (const command of [CommandIDs.lineage, CommandIDs.panel, CommandIDs.refresh, CommandIDs.runs, CommandIDs.jobs]) palette?.addItem({ command, category: trans.__('VeML') });
    launcher?.add({ command: CommandIDs.lineage, args: { isLauncher: true }, category: trans.__('VeML'), rank: 1 });

    // -- status bar and settings
    if (statusBar) {
      const status = new JobStatus(labs, trans, () => void commands.execute(CommandIDs.jobs));
      const tell = new StatusTurn(labs);
      statusBar.registerStatusItem('veml-lab:jobs', { item: status, align: 'left', rank: 4, isActive: () => status.isActive, activeStateChanged: tell.changed });
    }
    settings?.load(plugin.id).then(loaded => {
      const apply = () => {
        labs.polls = loaded.get('poll').composite as boolean;
        runCells = loaded.get('runCells').composite as boolean;
      };
      apply();
      loaded.changed.connect(apply);
    }).catch((e: Error) => console.error(`VeML settings: ${e.message}`));
  }
};

export default plugin;
