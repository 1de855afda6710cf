/** Beside these, each page of the rail has its keys. */
export const shortcutGroups = [
  {
    title: "Everywhere",
    items: [
      { keys: "mod+k", label: "Search and commands" },
      { keys: "c", label: "New workflow" },
      { keys: "/", label: "Search this list" },
      { keys: "[", label: "Collapse the sidebar" },
      { keys: "?", label: "This list" },
    ],
  },
  {
    title: "Workflow",
    items: [
      { keys: "mod+s", label: "Publish" },
      { keys: "mod+enter", label: "Run" },
      { keys: "mod+f", label: "Find in the text" },
      { keys: "mod+z", label: "Undo, in text and graph" },
      { keys: "mod+shift+z", label: "Redo" },
    ],
  },
  {
    title: "Inbox",
    items: [
      { keys: "j", label: "Next task" },
      { keys: "k", label: "Previous task" },
      { keys: "1", label: "To the first decision; Enter sends it" },
      { keys: "mod+enter", label: "Send the first decision" },
    ],
  },
  {
    title: "Text",
    items: [
      { keys: "mod+space", label: "What can stand here" },
      { keys: "shift+alt+f", label: "Format" },
      { keys: "esc tab", label: "Leave the text" },
    ],
  },
  {
    title: "Graph",
    items: [
      { keys: "a", label: "Add a task below" },
      { keys: "shift+a", label: "Add a task above" },
      { keys: "enter", label: "Edit the task" },
      { keys: "F2", label: "Rename" },
      { keys: "t", label: "Choose where it goes on" },
      { keys: "shift+↓", label: "Choose the next one too" },
      { keys: "mod+a", label: "Choose all of the list" },
      { keys: "esc", label: "Choose fewer" },
      { keys: "alt+↑", label: "Move up" },
      { keys: "alt+↓", label: "Move down" },
      { keys: "mod+d", label: "Duplicate" },
      { keys: "mod+c", label: "Copy as YAML" },
      { keys: "mod+x", label: "Cut" },
      { keys: "mod+v", label: "Paste below" },
      { keys: "delete", label: "Delete" },
      { keys: "/", label: "Find a task" },
    ],
  },
];
