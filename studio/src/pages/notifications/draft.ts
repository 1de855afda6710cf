import type { Channel, ChannelSettings, ChannelType, Occasion, Rule, RuleSettings } from "../../api/notifications";

/** What the dialogs hold: texts as they are typed. */
export interface ChannelDraft {
  type: ChannelType;
  name: string;
  url: string;
  urlSecret: string;
  secret: string;
  host: string;
  port: string;
  security: "starttls" | "tls" | "none";
  username: string;
  password: string;
  from: string;
  to: string;
}

export const NEW_CHANNEL: ChannelDraft = { type: "webhook", name: "", url: "", urlSecret: "", secret: "", host: "", port: "", security: "starttls", username: "", password: "", from: "", to: "" };

export function channelDraft(channel: Channel): ChannelDraft {
  return {
    type: channel.type,
    name: channel.name,
    url: channel.url ?? "",
    urlSecret: channel.url_secret ?? "",
    secret: channel.secret ?? "",
    host: channel.host ?? "",
    port: channel.port === undefined ? "" : String(channel.port),
    security: channel.security ?? "starttls",
    username: channel.username ?? "",
    password: channel.password_secret ?? "",
    from: channel.from ?? "",
    to: (channel.to ?? []).join("\n"),
  };
}

export const lines = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

const isAddress = (text: string) => /^[^\s@<>",;:()[\]\\]+@[^\s@<>",;:()[\]\\]+$/.test(text);
const isUrl = (text: string) => /^https?:\/\/[^\s/]+/.test(text);

export interface ChannelWrong {
  url?: true;
  from?: true;
  to?: true;
}

/** Of what is typed already; what is missing only holds the button back. */
export function wrongInChannel(draft: ChannelDraft): ChannelWrong {
  const wrong: ChannelWrong = {};
  if (draft.type === "webhook" && draft.url !== "" && !isUrl(draft.url)) wrong.url = true;
  if (draft.type === "email" && draft.from !== "" && !isAddress(draft.from)) wrong.from = true;
  if (draft.type === "email" && !lines(draft.to).every(isAddress)) wrong.to = true;
  return wrong;
}

export function isChannelComplete(draft: ChannelDraft): boolean {
  if (draft.name.trim() === "") return false;
  if (draft.type === "slack") return draft.urlSecret !== "";
  if (draft.type === "webhook") return (draft.url === "") !== (draft.urlSecret === "");
  return draft.host !== "" && draft.from !== "" && lines(draft.to).length > 0 && (draft.username === "") === (draft.password === "");
}

/** Null makes a member what it is by default, so that one that was emptied does not stay. */
export function channelSettings(draft: ChannelDraft): Partial<ChannelSettings> {
  const orNull = (text: string) => (text.trim() === "" ? (null as unknown as undefined) : text.trim());
  const common = { name: draft.name.trim(), type: draft.type };
  if (draft.type === "slack") return { ...common, url_secret: draft.urlSecret.trim() };
  if (draft.type === "webhook") return { ...common, url: orNull(draft.url), url_secret: orNull(draft.urlSecret), secret: orNull(draft.secret) };
  return {
    ...common,
    host: draft.host.trim(),
    port: draft.port === "" ? (null as unknown as undefined) : Number(draft.port),
    security: draft.security,
    username: orNull(draft.username),
    password_secret: orNull(draft.password),
    from: draft.from.trim(),
    to: lines(draft.to),
  };
}

export interface RuleDraft {
  name: string;
  on: Occasion[];
  workflows: string;
  channels: string[];
  waitingAfter: string;
  groupWithin: string;
  subject: string;
  body: string;
}

export const newRule = (workflow: string, channels: string[]): RuleDraft => ({
  name: workflow === "" ? "" : `Failures of ${workflow}`,
  on: ["execution.failed"],
  workflows: workflow,
  channels,
  waitingAfter: "1h",
  groupWithin: "5m",
  subject: "",
  body: "",
});

export function ruleDraft(rule: Rule): RuleDraft {
  return {
    name: rule.name,
    on: rule.on,
    workflows: rule.workflows.join("\n"),
    channels: rule.channels,
    waitingAfter: rule.waiting_after,
    groupWithin: rule.group_within,
    subject: rule.subject ?? "",
    body: rule.body ?? "",
  };
}

const isPattern = (text: string) => /^[A-Za-z0-9.*-]{1,130}$/.test(text);
const isDuration = (text: string) => /^(\d+(\.\d+)?(d|h|m|s|ms))+$/.test(text);

export interface RuleWrong {
  workflows?: true;
  waitingAfter?: true;
  groupWithin?: true;
}

export function wrongInRule(draft: RuleDraft): RuleWrong {
  const wrong: RuleWrong = {};
  if (!lines(draft.workflows).every(isPattern)) wrong.workflows = true;
  if (!isDuration(draft.waitingAfter)) wrong.waitingAfter = true;
  if (!isDuration(draft.groupWithin)) wrong.groupWithin = true;
  return wrong;
}

export const isRuleComplete = (draft: RuleDraft) => draft.name.trim() !== "" && draft.on.length > 0 && draft.channels.length > 0;

export function ruleSettings(draft: RuleDraft): Partial<RuleSettings> {
  return {
    name: draft.name.trim(),
    on: draft.on,
    workflows: lines(draft.workflows),
    channels: draft.channels,
    waiting_after: draft.waitingAfter,
    group_within: draft.groupWithin,
    subject: draft.subject.trim() === "" ? null : draft.subject,
    body: draft.body.trim() === "" ? null : draft.body,
  };
}

export const toggled = <T>(list: T[], one: T): T[] => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);
