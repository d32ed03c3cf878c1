/** The JupyterLab extension: the VeML panel and the lineage tab. */
import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { vemlIcon } from './icon';
import { LineageTab } from './lineageTab';
import { LabModel } from './model';
import { VersionsPanel } from './panel';

export namespace CommandIDs {
  export const panel = 'veml:open-panel';
  export const lineage = 'veml:open-lineage';
  export const refresh = 'veml:refresh';
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'veml-lab:plugin',
  description: 'Versions and lineage of the lab that a notebook has open.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, ICommandPalette, ILauncher, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('veml_lab');
    const model = new LabModel(notebooks, NotebookActions);
    const { commands, shell } = app;

    const panel = new VersionsPanel(model, trans, { openLineage: () => void commands.execute(CommandIDs.lineage) });
    panel.title.icon = vemlIcon;
    panel.title.caption = trans.__('VeML versions');
    shell.add(panel, 'left', { rank: 600, type: 'VeML' });
    restorer?.add(panel, panel.id);

    const tabs = new WidgetTracker<MainAreaWidget<LineageTab>>({ namespace: 'veml-lineage' });
    const nothing = { args: { type: 'object' as const, properties: {} } };
    commands.addCommand(CommandIDs.lineage, {
      label: args => (args.isLauncher ? trans.__('Lineage') : trans.__('Open VeML Lineage')),
      caption: trans.__('The graph of all versions of the lab'),
      icon: vemlIcon,
      describedBy: nothing,
      execute: async () => {
        let tab = tabs.currentWidget ?? undefined;
        if (!tab || tab.isDisposed) {
          tab = new MainAreaWidget({ content: new LineageTab(model, trans) });
          tab.id = 'veml-lineage';
          tab.title.label = trans.__('Lineage');
          tab.title.caption = trans.__('Lineage of the lab');
          tab.title.icon = vemlIcon;
          tab.title.closable = true;
          await tabs.add(tab);
        }
        if (!tab.isAttached) shell.add(tab, 'main', { type: 'VeML' });
        shell.activateById(tab.id);
      }
    });
    commands.addCommand(CommandIDs.panel, {
      label: trans.__('Show VeML Versions'),
      icon: vemlIcon,
      describedBy: nothing,
      execute: () => shell.activateById(panel.id)
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Refresh VeML Versions'),
      describedBy: nothing,
      execute: () => model.refresh()
    });
    void restorer?.restore(tabs, { command: CommandIDs.lineage, name: () => 'lineage' });
    for (const command of [CommandIDs.lineage, CommandIDs.panel, CommandIDs.refresh]) palette?.addItem({ command, category: trans.__('VeML') });
    launcher?.add({ command: CommandIDs.lineage, args: { isLauncher: true }, category: trans.__('VeML'), rank: 1 });

    settings?.load(plugin.id).then(loaded => {
      const apply = () => (model.polls = loaded.get('poll').composite as boolean);
      apply();
      loaded.changed.connect(apply);
    }).catch((e: Error) => console.error(`VeML settings: ${e.message}`));
  }
};

export default plugin;
