import type { TaskKind } from "../api/types";
import { t } from "../messages";
import approval from "./approval.yaml?raw";
import blank from "./blank.yaml?raw";
import callApi from "./call-api.yaml?raw";
import countdown from "./countdown.yaml?raw";
import fork from "./parallel.yaml?raw";
import loop from "./order-totals.yaml?raw";
import retry from "./retry.yaml?raw";
import route from "./route.yaml?raw";

/** What a new workflow can start from. Each runs as it is, with the sample input in its metadata. */
export interface Template {
  id: string;
  title: string;
  summary: string;
  kinds: TaskKind[];
  source: string;
}

const text = t.templates;

export const TEMPLATES: Template[] = [
  { id: "call-api", kinds: ["call", "set"], source: callApi, ...text.callApi },
  { id: "order-totals", kinds: ["for", "set"], source: loop, ...text.orderTotals },
  { id: "route", kinds: ["switch", "raise"], source: route, ...text.route },
  { id: "approval", kinds: ["call", "switch"], source: approval, ...text.approval },
  { id: "retry", kinds: ["try", "call"], source: retry, ...text.retry },
  { id: "parallel", kinds: ["fork", "call"], source: fork, ...text.parallel },
  { id: "countdown", kinds: ["wait", "set"], source: countdown, ...text.countdown },
];

export const BLANK: Template = { id: "blank", kinds: [], source: blank, ...text.blank };

/** Templates call the server they came from, so that they work before anything is configured. */
export function sourceOf(id: string | null, origin: string): string {
  const template = TEMPLATES.find((one) => one.id === id) ?? BLANK;
  return template.source.replaceAll("http://localhost:8000", origin);
}
