import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { listAudit, type AuditFilter } from "./audit";
import { countVersions, listDeploymentChanges, loadDeployment } from "./deployment";
import { listDeadLetters } from "./dead_letters";
import { listEvents, listExecutions, loadExecution, type ExecutionFilter } from "./executions";
import { vocabularyOf, type VocabularyObject } from "../form/vocabulary";
import { request } from "./client";
import { listOperations, loadOperation } from "./operations";
import { listHosts } from "./hosts";
import { loadRetention } from "./retention";
import { listPauses, listQueued, loadGates, loadRules, type QueueFilter } from "./flow";
import { listSchedules, loadSchedule, type ScheduleFilter } from "./schedules";
import type { Connector, JournalEvent, SystemInfo } from "./types";
import { loadExamination, loadSystem } from "./system";
import { countTasks, listTasks, loadTask, type TaskFilter } from "./tasks";
import { listRequests, listWebhooks, loadWebhook } from "./webhooks";
import { listVersions, listWorkflows, loadWorkflow } from "./workflows";

/** Lists come page by page, each with the cursor of the next. */
export const byCursor = {
  initialPageParam: null as string | null,
  getNextPageParam: (page: { next_cursor: string | null }) => page.next_cursor,
};

/** What has been fetched of such a list. */
export const itemsOf = <T>(data: { pages: { items: T[] }[] } | undefined): T[] => data?.pages.flatMap((page) => page.items) ?? [];

/** Every query of the app with its key, so that pages and mutations name the same cache entries. */
export const workflowsQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: ["workflows", "list", search],
    queryFn: ({ pageParam, signal }) => listWorkflows(search, pageParam, signal),
    ...byCursor,
    placeholderData: (previous) => previous,
  });

export const workflowQuery = (name: string, version: string | null = null) =>
  queryOptions({
    queryKey: ["workflows", "one", name, version],
    queryFn: ({ signal }) => loadWorkflow(name, version, signal),
  });

export const versionsQuery = (name: string) =>
  queryOptions({
    queryKey: ["workflows", "versions", name],
    queryFn: ({ signal }) => listVersions(name, signal),
  });

const VERSIONS_REFRESH_MS = 5000;

export const countedVersionsQuery = (name: string) =>
  queryOptions({
    queryKey: ["workflows", "versions", name, "counted"],
    queryFn: ({ signal }) => countVersions(name, signal),
    refetchInterval: VERSIONS_REFRESH_MS,
  });

export const deploymentQuery = (name: string) =>
  queryOptions({
    queryKey: ["workflows", "deployment", name],
    queryFn: ({ signal }) => loadDeployment(name, signal),
    refetchInterval: VERSIONS_REFRESH_MS,
  });

export const deploymentHistoryQuery = (name: string) =>
  infiniteQueryOptions({
    queryKey: ["workflows", "deployment", name, "history"],
    queryFn: ({ pageParam, signal }) => listDeploymentChanges(name, pageParam, signal),
    ...byCursor,
  });

/** `workflow`: empty for all. */
export const webhooksQuery = (workflow: string) =>
  infiniteQueryOptions({
    queryKey: ["webhooks", "list", workflow],
    queryFn: ({ pageParam, signal }) => listWebhooks(workflow, pageParam, signal),
    ...byCursor,
  });

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhooks", "one", id],
    queryFn: ({ signal }) => loadWebhook(id, signal),
  });

export const webhookRequestsQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhooks", "requests", id],
    queryFn: ({ signal }) => listRequests(id, signal),
  });

export const schedulesQuery = (filter: ScheduleFilter, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ["schedules", "list", filter, limit],
    queryFn: ({ pageParam, signal }) => listSchedules(filter, pageParam, signal, limit),
    ...byCursor,
    placeholderData: (previous) => previous,
  });

export const scheduleQuery = (id: string) =>
  queryOptions({
    queryKey: ["schedules", "one", id],
    queryFn: ({ signal }) => loadSchedule(id, signal),
  });

export const executionsQuery = (filter: ExecutionFilter) =>
  infiniteQueryOptions({
    queryKey: ["executions", "list", filter],
    queryFn: ({ pageParam, signal }) => listExecutions(filter, pageParam, signal),
    ...byCursor,
    placeholderData: (previous) => previous,
  });

export const queuedQuery = (filter: QueueFilter) =>
  infiniteQueryOptions({
    queryKey: ["flow", "queue", filter],
    queryFn: ({ pageParam, signal }) => listQueued(filter, pageParam, signal),
    ...byCursor,
  });

export const gatesQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["flow", "gates", workflow],
    queryFn: ({ signal }) => loadGates(workflow, signal),
  });

export const hostsQuery = queryOptions({
  queryKey: ["flow", "hosts"],
  queryFn: ({ signal }) => listHosts(signal),
});

export const pausesQuery = queryOptions({
  queryKey: ["flow", "pauses"],
  queryFn: async ({ signal }) => (await listPauses(signal)).items,
});

/** null: of the account. */
export const rulesQuery = (workflow: string | null) =>
  queryOptions({
    queryKey: ["flow", "rules", workflow],
    queryFn: ({ signal }) => loadRules(workflow, signal),
  });

export const deadLettersQuery = (workflow: string) =>
  queryOptions({
    queryKey: ["dead-letters", workflow],
    queryFn: ({ signal }) => listDeadLetters(workflow, signal),
    refetchInterval: 30_000,
  });

/** Those that run move: asked for often while one does. */
export const operationsQuery = infiniteQueryOptions({
  queryKey: ["operations", "list"],
  queryFn: ({ pageParam, signal }) => listOperations(pageParam, signal),
  ...byCursor,
});

export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: ["operations", "one", id],
    queryFn: ({ signal }) => loadOperation(id, signal),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? 1000 : false),
  });

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) => listAudit(filter, pageParam, signal),
    ...byCursor,
    placeholderData: (previous) => previous,
  });

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: ["tasks", "list", filter],
    queryFn: ({ pageParam, signal }) => listTasks(filter, pageParam, signal),
    ...byCursor,
  });

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) => loadTask(id, signal),
  });

export const tasksOfRunQuery = (execution: string) =>
  queryOptions({
    queryKey: ["tasks", "of-run", execution],
    queryFn: ({ signal }) => listTasks({ execution }, null, signal, 200),
  });

export const taskCountQuery = queryOptions({
  queryKey: ["tasks", "count"],
  queryFn: ({ signal }) => countTasks(signal),
  refetchInterval: 4000,
});

export const executionQuery = (id: string) =>
  queryOptions({
    queryKey: ["executions", "one", id],
    queryFn: ({ signal }) => loadExecution(id, signal),
  });

export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: ({ signal }) => request<SystemInfo>("/v1/system", { signal }),
  staleTime: 5 * 60_000,
});

const SYSTEM_REFRESH_MS = 3000;

export const systemStateQuery = queryOptions({
  queryKey: ["system", "state"],
  queryFn: ({ signal }) => loadSystem(signal),
  refetchInterval: SYSTEM_REFRESH_MS,
});

const EXAMINATION_REFRESH_MS = 700;

export const examinationQuery = queryOptions({
  queryKey: ["system", "doctor"],
  queryFn: ({ signal }) => loadExamination(signal),
  refetchInterval: (query) => (query.state.data?.state === "running" ? EXAMINATION_REFRESH_MS : false),
});

export const retentionQuery = queryOptions({
  queryKey: ["retention"],
  queryFn: ({ signal }) => loadRetention(signal),
});

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => request<{ items: Connector[] }>("/v1/connectors", { signal }),
  staleTime: 5 * 60_000,
});

export const vocabularyQuery = queryOptions({
  queryKey: ["vocabulary"],
  queryFn: async ({ signal }) => vocabularyOf(await request<{ objects: VocabularyObject[] }>("/v1/dsl/vocabulary", { signal })),
  staleTime: Infinity,
});

interface Explanation {
  title: string;
  /** Markdown. */
  explanation: string;
  bad: string;
  good: string;
}

export const explainQuery = (code: string) =>
  queryOptions({
    queryKey: ["explain", code],
    queryFn: ({ signal }) => request<Explanation>(`/v1/dsl/explain/${encodeURIComponent(code)}`, { signal }),
    staleTime: Infinity,
  });

/** So many events at a time, each found by its number. */
export const JOURNAL_PAGE = 500;

/** Page `page` of the journal, of which `known` events are there: the last page is asked for again when there are more. */
export const journalPageQuery = (id: string, page: number, known: number) =>
  queryOptions({
    queryKey: ["executions", "journal", id, "page", page, Math.min(known, (page + 1) * JOURNAL_PAGE)],
    queryFn: async ({ signal }) => (await listEvents(id, page * JOURNAL_PAGE, signal, JOURNAL_PAGE)).items,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

const JOURNAL_EVENTS_MAX = 10_000;

export const journalQuery = (id: string) =>
  queryOptions({
    queryKey: ["executions", "journal", id, "first"],
    queryFn: async ({ signal }) => {
      const events: JournalEvent[] = [];
      let after: number | null = 0;
      while (after !== null && events.length < JOURNAL_EVENTS_MAX) {
        const page: { items: JournalEvent[]; next_after: number | null } = await listEvents(id, after, signal);
        events.push(...page.items);
        after = page.items.length === 0 ? null : page.next_after;
      }
      return events;
    },
  });
