/** Fetches the pages with an editor or a canvas while nothing else goes on, so that opening one is immediate. */
const LATER: (() => Promise<unknown>)[] = [
  () => import("./pages/inbox/inbox_page"),
  () => import("./pages/workflow/workflow_page"),
  () => import("./pages/execution/execution_page"),
  () => import("./editor/document_editor"),
  () => import("./canvas/canvas"),
];

const AFTER_MS = 1500;

export function prefetchPages(): void {
  const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
  if (connection?.saveData === true) return;
  setTimeout(() => {
    void LATER.reduce<Promise<unknown>>((before, load) => before.then(load), Promise.resolve()).catch(() => {
      // The page that needs it will say so.
    });
  }, AFTER_MS);
}
