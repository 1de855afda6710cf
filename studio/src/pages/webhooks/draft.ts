import type { Json } from "../../api/types";
import type { Scheme, Webhook, WebhookSettings } from "../../api/webhooks";

/** A webhook as a form holds it: texts, with what does not apply left as it was typed. */
export interface Draft {
  workflow: string;
  path: string;
  methods: string[];
  description: string;
  bodyMax: string;
  scheme: Scheme;
  secret: string;
  header: string;
  algorithm: string;
  encoding: string;
  prefix: string;
  timestampHeader: string;
  content: string;
  tolerance: string;
  filter: string;
  once: "none" | "header" | "key";
  onceHeader: string;
  onceKey: string;
  window: string;
  wait: string;
  status: string;
  headers: string;
  body: string;
}

export const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"];
export const SCHEMES: Scheme[] = ["none", "github", "stripe", "slack", "standard", "hmac", "header", "basic"];
const PATH = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;
const SECRET = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function draftOf(webhook: Webhook): Draft {
  const { authentication, deduplicate, response } = webhook;
  return {
    workflow: `${webhook.namespace}.${webhook.workflow}`,
    path: webhook.path,
    methods: webhook.methods,
    description: webhook.description,
    bodyMax: webhook.body_max,
    scheme: authentication.type,
    secret: authentication.secret ?? "",
    header: authentication.header ?? "",
    algorithm: authentication.algorithm ?? "sha256",
    encoding: authentication.encoding ?? "hex",
    prefix: authentication.prefix ?? "",
    timestampHeader: authentication.timestamp_header ?? "",
    content: authentication.content ?? "",
    tolerance: authentication.tolerance ?? "5m",
    filter: webhook.filter ?? "",
    once: deduplicate === null ? "none" : deduplicate.header === undefined ? "key" : "header",
    onceHeader: deduplicate?.header ?? "",
    onceKey: deduplicate?.key ?? "",
    window: deduplicate?.window ?? "1d",
    wait: response.wait ?? "",
    status: response.status === undefined ? "" : String(response.status),
    headers: response.headers === undefined ? "" : JSON.stringify(response.headers, null, 2),
    body: response.body === undefined ? "" : JSON.stringify(response.body, null, 2),
  };
}

export function newDraft(workflow: string): Draft {
  const name = workflow.slice(workflow.indexOf(".") + 1);
  return {
    workflow,
    path: name,
    methods: ["POST"],
    description: "",
    bodyMax: "1MiB",
    scheme: "none",
    secret: "",
    header: "",
    algorithm: "sha256",
    encoding: "hex",
    prefix: "",
    timestampHeader: "",
    content: "",
    tolerance: "5m",
    filter: "",
    once: "none",
    onceHeader: "",
    onceKey: "",
    window: "1d",
    wait: "",
    status: "",
    headers: "",
    body: "",
  };
}

/** What a vendor's requests are known by. */
const KNOWN_BY: Partial<Record<Scheme, Pick<Draft, "once" | "onceHeader" | "onceKey">>> = {
  github: { once: "header", onceHeader: "x-github-delivery", onceKey: "" },
  stripe: { once: "key", onceHeader: "", onceKey: ".body.id" },
  slack: { once: "key", onceHeader: "", onceKey: ".body.event_id" },
  standard: { once: "header", onceHeader: "webhook-id", onceKey: "" },
};

/** Chooses a scheme, with what its vendor sends: the name of a secret, and what tells requests apart, unless somebody has said so. */
export function withScheme(draft: Draft, scheme: Scheme): Draft {
  const before = KNOWN_BY[draft.scheme];
  const untouched =
    draft.once === "none" || (before !== undefined && before.once === draft.once && before.onceHeader === draft.onceHeader && before.onceKey === draft.onceKey);
  const once = untouched ? (KNOWN_BY[scheme] ?? { once: "none" as const, onceHeader: "", onceKey: "" }) : {};
  const secret = draft.secret === "" || draft.secret === draft.scheme ? (scheme === "none" ? "" : scheme) : draft.secret;
  const header = scheme === "hmac" ? "x-signature" : "x-webhook-secret";
  const keepsHeader = draft.header !== "" && draft.header !== "x-signature" && draft.header !== "x-webhook-secret";
  return { ...draft, scheme, secret, header: keepsHeader ? draft.header : header, ...once };
}

export interface Wrong {
  path?: true;
  methods?: true;
  secret?: true;
  headers?: "json" | "object";
  body?: true;
}

/** What the parts of the form get. */
export interface PartProps {
  draft: Draft;
  wrong: Wrong;
  onChange: (change: Partial<Draft>) => void;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function wrongIn(draft: Draft): Wrong {
  const wrong: Wrong = {};
  if (!PATH.test(draft.path) || draft.path.includes("..")) wrong.path = true;
  if (draft.methods.length === 0) wrong.methods = true;
  if (draft.scheme !== "none" && !SECRET.test(draft.secret)) wrong.secret = true;
  if (draft.wait === "") return wrong;
  if (draft.headers.trim() !== "") {
    const headers = parsed(draft.headers);
    if (headers === undefined) wrong.headers = "json";
    else if (headers === null || typeof headers !== "object" || Array.isArray(headers)) wrong.headers = "object";
  }
  if (draft.body.trim() !== "" && parsed(draft.body) === undefined) wrong.body = true;
  return wrong;
}

function authenticationOf(draft: Draft): WebhookSettings["authentication"] {
  const { scheme: type, secret, header, tolerance } = draft;
  if (type === "none") return { type };
  if (type === "header") return { type, secret, header };
  if (type === "basic" || type === "github") return { type, secret };
  if (type !== "hmac") return { type, secret, tolerance };
  const timed = draft.timestampHeader !== "";
  return {
    type,
    secret,
    header,
    algorithm: draft.algorithm,
    encoding: draft.encoding,
    prefix: draft.prefix,
    ...(timed ? { timestamp_header: draft.timestampHeader, tolerance } : {}),
    ...(draft.content === "" ? {} : { content: draft.content }),
  };
}

function responseOf(draft: Draft): WebhookSettings["response"] {
  if (draft.wait === "") return {};
  const status = draft.status.trim();
  return {
    wait: draft.wait,
    ...(status === "" ? {} : { status: /^\d+$/.test(status) ? Number(status) : status }),
    ...(draft.headers.trim() === "" ? {} : { headers: parsed(draft.headers) as Record<string, string> }),
    ...(draft.body.trim() === "" ? {} : { body: parsed(draft.body) ?? null }),
  };
}

/** Of a draft in which nothing is wrong. */
export function settingsOf(draft: Draft): Omit<WebhookSettings, "enabled" | "capture"> & { workflow: string } {
  const once = draft.once === "header" ? { header: draft.onceHeader } : { key: draft.onceKey };
  return {
    workflow: draft.workflow,
    path: draft.path,
    methods: draft.methods,
    description: draft.description,
    body_max: draft.bodyMax,
    authentication: authenticationOf(draft),
    filter: draft.filter.trim() === "" ? null : draft.filter,
    deduplicate: draft.once === "none" ? null : { ...once, window: draft.window },
    response: responseOf(draft),
  };
}

/** The variable in which a server looks for a secret. */
export function variableOf(secret: string): string {
  return `ELEVAITE_SECRET_${secret.toUpperCase().replaceAll(/[.-]/g, "_")}`;
}
