import { audit } from "./en_audit";
import { deadLetters } from "./en_dead_letters";
import { fork } from "./en_fork";
import { compareRuns } from "./en_compare_runs";
import { kept } from "./en_kept";
import { system } from "./en_system";
import { editingTexts } from "./en_editing";
import { executionTexts } from "./en_execution";
import { executions } from "./en_executions";
import { flow } from "./en_flow";
import { hosts } from "./en_hosts";
import { inbox } from "./en_inbox";
import { notifications } from "./en_notifications";
import { schedules } from "./en_schedules";
import { operations } from "./en_operations";
import { repair } from "./en_repair";
import { shortcutGroups } from "./en_shortcuts";
import { versions } from "./en_versions";
import { webhookTexts } from "./en_webhooks";

const count = (n: number, one: string, many: string) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export const en = {
  app: { name: "ElevAIte" },
  ...editingTexts,
  ...executionTexts,
  flow,
  hosts,
  inbox,
  nav: { home: "Home", workflows: "Workflows", schedules: "Schedules", executions: "Executions", inbox: "Inbox", apiReference: "API reference" },
  repair,
  fork,
  compareRuns,
  kept,
  system,
  shell: {
    pages: "Pages",
    breadcrumbs: "Breadcrumbs",
    skip: "Skip to content",
    collapse: "Collapse the sidebar",
    collapseShort: "Collapse",
    expand: "Expand the sidebar",
    more: "More",
  },
  theme: {
    label: "Theme",
    system: "Like the system",
    light: "Light",
    dark: "Dark",
    useSystem: "Use the system's theme",
    useLight: "Use the light theme",
    useDark: "Use the dark theme",
  },
  common: {
    more: "More",
    close: "Close",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied",
    copyFailed: "The browser did not allow copying",
    dismiss: "Dismiss",
    edit: "Edit",
    loading: "Loading",
    loadingMore: "Loading more",
    none: "–",
    notifications: "Notifications",
    retry: "Try again",
    showMore: "Show more",
    undo: "Undo",
  },
  problem: { requestId: "Request" },
  pageError: {
    title: "This page broke",
    detail: "Nothing on the server is affected. Reload the page; if it breaks again, the message below helps whoever looks into it.",
    reload: "Reload",
  },
  notFound: { title: "Nothing here", detail: "The address may be mistyped, or what was here has been removed.", workflow: "There is no such workflow", execution: "There is no such run", home: "Go to workflows", toExecutions: "Go to executions" },
  offline: {
    title: "The server does not answer.",
    detail: "What you see may be out of date. Trying again every few seconds.",
    now: "Try now",
    back: "The server answers again",
  },
  status: {
    queued: "Queued",
    absorbed: "Absorbed",
    pending: "Pending",
    running: "Running",
    waiting: "Waiting",
    suspended: "Suspended",
    cancelled: "Cancelled",
    faulted: "Failed",
    completed: "Completed",
    skipped: "Skipped",
  },
  trigger: (trigger: string) => ({ api: "API", webhook: "Webhook", studio: "Studio", cli: "Command line", schedule: "Schedule", event: "Event", workflow: "Workflow", fork: "Run again from a task" })[trigger] ?? trigger,
  palette: {
    open: "Search and commands",
    search: "Search",
    placeholder: "Search workflows, or type a command",
    results: "Commands",
    nothing: "Nothing matches.",
    goTo: (page: string) => `Go to ${page.toLowerCase()}`,
    openExecution: (id: string) => `Open execution ${id}`,
    groups: { here: "This page", pages: "Pages", workflows: "Workflows", executions: "Executions", settings: "Settings" },
  },
  shortcuts: { title: "Keyboard shortcuts", groups: shortcutGroups },
  home: {
    active: "Going on now",
    noneActive: "Nothing is running.",
    failed: "Failed lately",
    noneFailed: "Nothing has failed.",
    all: "Show all",
    system: (version: string) => `Version ${version}`,
  },
  workflows: {
    create: "New workflow",
    untitled: "New workflow",
    search: "Search workflows",
    clearSearch: "Clear the search",
    noneMatch: (search: string) => `No workflow matches “${search}”`,
    neverRun: "Never run",
    active: (n: number) => `${n.toLocaleString("en")} active`,
    failed: (n: number) => `${n.toLocaleString("en")} failed`,
    runs: (n: number) => count(n, "run", "runs"),
    webhooks: (n: number) => `Started by ${count(n, "webhook", "webhooks")}`,
    firstTitle: "Make your first workflow",
    firstDetail:
      "A workflow is a list of tasks in a YAML document: call an API, wait a month, go through a list, try again when something fails. The server keeps a journal of every step, so a run survives a restart where it stands.",
    blank: "Start from nothing",
    examples: "Or start from an example",
  },
  workflow: { sections: "Sections of the workflow", editor: "Editor", triggers: "Triggers" },
  templates: {
    blank: { title: "Blank", summary: "One task that sets a value. Yours from there." },
    callApi: { title: "Call an API", summary: "Ask an HTTP API and keep what matters of its answer." },
    orderTotals: { title: "Go through a list", summary: "Loop over orders and add them up." },
    route: { title: "Decide where it goes", summary: "Branch on the input, and refuse what nobody handles." },
    approval: { title: "Ask people to decide", summary: "A question in the inbox, reminders, a deadline, and a way for each decision." },
    retry: { title: "Try again", summary: "Retry a failing call with growing pauses, then go on without it." },
    parallel: { title: "Side by side", summary: "Run several tasks at once and go on when all are done." },
    countdown: { title: "Wait", summary: "Pause for seconds or months. A restart in between changes nothing." },
  },
  versions,
  publish: {
    button: "Publish",
    published: (name: string, version: string) => `Published ${name} ${version}`,
    versionExists: "This version is already published",
    versionExistsDetail: (version: string) =>
      `A published version never changes, so that runs keep their meaning. Publish your changes as ${version}; document.version in the text is set for you.`,
    as: (what: string) => `Publish as ${what}`,
    nameTaken: (name: string) => `There is already a workflow called ${name}`,
    nameTakenDetail: "Publish this one under another name, or as a version of the one that exists: its next runs would then use this text.",
    addVersion: "Add a version",
    refused: "Not published",
    back: "Back to the editor",
    noVersionLine: "There is no document.version line to change",
  },
  unsaved: {
    publish: "Leave without publishing?",
    save: "Leave without saving?",
    detail: "Your changes exist only on this page and are lost when you leave.",
    leave: "Leave",
    stay: "Stay",
  },
  executions,
  audit,
  deadLetters,
  operations,
  json: {
    copy: "Copy as JSON",
    items: (n: number) => `[${count(n, "item", "items")}]`,
    fields: (n: number) => `{${count(n, "field", "fields")}}`,
    more: (n: number, of: number) => `Show ${n} more of ${of.toLocaleString("en")}`,
    whole: (n: number) => `Show all ${n.toLocaleString("en")} characters`,
    invalid: "This is not JSON",
  },
  schedules,
  events: {
    title: "Send an event",
    detail: "It goes to every workflow and every run that listens for it.",
    send: "Send an event",
    sent: (type: string) => `Sent ${type}`,
    type: "Type",
    source: "Source",
    sourceHint: "Where it comes from, as a URI. Filters of listeners may ask for it.",
    data: "Data (JSON)",
    dataHint: "Any JSON value. Empty means no data.",
  },
  compare: {
    title: (before: string, after: string) => `From ${before} to ${after}`,
    draft: "your changes",
    alike: "The texts are the same.",
    meaning: "What it means",
    lines: "Lines of the text",
    comparing: "Comparing",
    harmless: "Callers and running executions notice nothing.",
    unreadable: (why: string) => `What the change means cannot be said: ${why}.`,
    severity: { breaking: "breaks callers or running executions", risky: "may surprise", safe: "safe" },
    marks: { gone: "removed: ", new: "added: " },
    withCurrent: "Compare with the current version",
    newer: (version: string) => `new runs get ${version}`,
    changes: "What changed",
  },
  notifications,
  webhooks: webhookTexts,
  api: {
    title: "API",
    detail: "Start a run from your own code and get the output when it ends within 30 seconds.",
    language: "Language",
    snippet: (language: string) => `Start a run with ${language}`,
  },
};
