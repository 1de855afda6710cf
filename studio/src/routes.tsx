import { createBrowserRouter } from "react-router";
import { ExecutionsPage } from "./pages/executions/executions_page";
import { HomePage } from "./pages/home/home_page";
import { NotFoundPage } from "./pages/not_found_page";
import { RouteError } from "./pages/route_error";
import { WorkflowsPage } from "./pages/workflows/workflows_page";
import { Shell } from "./shell/shell";

/** The lists come with the first load; the pages with an editor or a canvas are fetched when they are opened. */
export const router = createBrowserRouter([
  // Without the frame: whoever has a signed link sees one task and nothing else.
  { path: "t/:token", errorElement: <RouteError />, hydrateFallbackElement: <></>, lazy: async () => ({ Component: (await import("./pages/signed_task/signed_task_page")).SignedTaskPage }) },
  {
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <RouteError />,
        children: [
          { index: true, element: <HomePage /> },
          { path: "workflows", element: <WorkflowsPage /> },
          { path: "workflows/new", lazy: async () => ({ Component: (await import("./pages/workflow_new/new_page")).NewWorkflowPage }) },
          { path: "workflows/:name/:tab?", lazy: async () => ({ Component: (await import("./pages/workflow/workflow_page")).WorkflowPage }) },
          { path: "schedules", lazy: async () => ({ Component: (await import("./pages/schedules/schedules_page")).SchedulesPage }) },
          { path: "schedules/new", lazy: async () => ({ Component: (await import("./pages/schedules/edit_page")).NewSchedulePage }) },
          { path: "schedules/:id", lazy: async () => ({ Component: (await import("./pages/schedules/schedule_page")).SchedulePage }) },
          { path: "schedules/:id/edit", lazy: async () => ({ Component: (await import("./pages/schedules/edit_page")).EditSchedulePage }) },
          { path: "executions", element: <ExecutionsPage /> },
          { path: "executions/compare", lazy: async () => ({ Component: (await import("./pages/compare_runs/compare_runs_page")).CompareRunsPage }) },
          { path: "executions/:id", lazy: async () => ({ Component: (await import("./pages/execution/execution_page")).ExecutionPage }) },
          { path: "operations", lazy: async () => ({ Component: (await import("./pages/operations/operations_page")).OperationsPage }) },
          { path: "operations/:id", lazy: async () => ({ Component: (await import("./pages/operations/operation_page")).OperationPage }) },
          { path: "dead-letters", lazy: async () => ({ Component: (await import("./pages/dead_letters/dead_letters_page")).DeadLettersPage }) },
          { path: "audit", lazy: async () => ({ Component: (await import("./pages/audit/audit_page")).AuditPage }) },
          { path: "queue", lazy: async () => ({ Component: (await import("./pages/queue/queue_page")).QueuePage }) },
          { path: "inbox/:id?", lazy: async () => ({ Component: (await import("./pages/inbox/inbox_page")).InboxPage }) },
          { path: "notifications/:tab?", lazy: async () => ({ Component: (await import("./pages/notifications/notifications_page")).NotificationsPage }) },
          { path: "webhooks", lazy: async () => ({ Component: (await import("./pages/webhooks/webhooks_page")).WebhooksPage }) },
          { path: "webhooks/new", lazy: async () => ({ Component: (await import("./pages/webhooks/new_page")).NewWebhookPage }) },
          { path: "webhooks/:id/:tab?", lazy: async () => ({ Component: (await import("./pages/webhooks/webhook_page")).WebhookPage }) },
          { path: "system", lazy: async () => ({ Component: (await import("./pages/system/system_page")).SystemPage }) },
          { path: "*", element: <NotFoundPage /> },
        ],
      },
    ],
  },
]);
