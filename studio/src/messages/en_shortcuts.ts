export const shortcutGroups = [
  {
    title: "Everywhere",
    items: [
      { keys: "mod+k", label: "Search and commands" },
      { keys: "g h", label: "Go to home" },
      { keys: "g w", label: "Go to workflows" },
      { keys: "g e", label: "Go to executions" },
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
      { keys: "mod+z", label: "Undo" },
    ],
  },
];
