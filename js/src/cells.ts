/** Write the line of an action into a cell, so that a click can be seen, kept and repeated. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';

export interface Line {
  code: string;
  /** what the line needs where the notebook has not named the lab yet */
  before: string;
  run: boolean;
  /** the folder for a new notebook where none is open, or where the lab has a kernel of its own */
  cwd: string;
  fresh: boolean;
}

export async function writeCell(app: JupyterFrontEnd, notebooks: INotebookTracker, line: Line): Promise<NotebookPanel | null> {
  const code = [line.before, line.code].filter(Boolean).join('\n');
  let panel = line.fresh ? null : notebooks.currentWidget;
  if (!panel) {
    panel = (await app.commands.execute('notebook:create-new', { cwd: line.cwd, kernelName: 'python3' })) as NotebookPanel | null;
    if (!panel) return null;
    await panel.context.ready;
    await panel.sessionContext.ready;
  } else {
    app.shell.activateById(panel.id);
    const active = panel.content.activeCell;
    // an empty cell at hand is used
    if (active && (active.model.type !== 'code' || active.model.sharedModel.getSource().trim())) NotebookActions.insertBelow(panel.content);
  }
  const cell = panel.content.activeCell;
  if (!cell) return null;
  cell.model.sharedModel.setSource(code);
  await panel.content.scrollToItem(panel.content.activeCellIndex, 'smart');
  if (line.run) void NotebookActions.run(panel.content, panel.sessionContext);
  return panel;
}
