import { describe, expect, it } from "vitest";
import { channelSettings, isChannelComplete, isRuleComplete, NEW_CHANNEL, newRule, ruleSettings, wrongInChannel, wrongInRule } from "./draft";

const mail = { ...NEW_CHANNEL, type: "email" as const, name: "ops", host: "smtp.example", from: "a@x.example", to: "b@x.example\n c@x.example, d@x.example\n" };

describe("a channel", () => {
  it("sends what its type needs, and null for what was emptied", () => {
    expect(channelSettings({ ...NEW_CHANNEL, name: " on call ", url: "https://x.example/in" })).toEqual({ name: "on call", type: "webhook", url: "https://x.example/in", url_secret: null, secret: null });
    expect(channelSettings({ ...NEW_CHANNEL, type: "slack", name: "team", urlSecret: "hook" })).toEqual({ name: "team", type: "slack", url_secret: "hook" });
    expect(channelSettings(mail)).toMatchObject({ to: ["b@x.example", "c@x.example", "d@x.example"], port: null, username: null });
  });
  it("is complete when nothing is missing", () => {
    expect(isChannelComplete(mail)).toBe(true);
    expect(isChannelComplete({ ...mail, username: "u" })).toBe(false);
    expect(isChannelComplete({ ...NEW_CHANNEL, name: "a" })).toBe(false);
    expect(isChannelComplete({ ...NEW_CHANNEL, name: "a", url: "https://x", urlSecret: "y" })).toBe(false);
    expect(isChannelComplete({ ...NEW_CHANNEL, type: "slack", name: "a", urlSecret: "y" })).toBe(true);
  });
  it("says which address is wrong", () => {
    expect(wrongInChannel(mail)).toEqual({});
    expect(wrongInChannel({ ...mail, to: "b@x.example\nAnn <a@x.example>" })).toEqual({ to: true });
    expect(wrongInChannel({ ...mail, from: "nobody" })).toEqual({ from: true });
    expect(wrongInChannel({ ...NEW_CHANNEL, url: "example.com" })).toEqual({ url: true });
  });
});

describe("a rule", () => {
  const rule = { ...newRule("shop.orders", ["chn_1"]), subject: "  " };
  it("sends lists, and null for the usual words", () => {
    expect(ruleSettings(rule)).toMatchObject({ on: ["execution.failed"], workflows: ["shop.orders"], channels: ["chn_1"], subject: null, body: null });
  });
  it("is checked as it is typed", () => {
    expect(wrongInRule(rule)).toEqual({});
    expect(wrongInRule({ ...rule, workflows: "shop.*\na b", waitingAfter: "soon", groupWithin: "0s" })).toEqual({ workflows: true, waitingAfter: true });
    expect(isRuleComplete(rule)).toBe(true);
    expect(isRuleComplete({ ...rule, on: [] })).toBe(false);
    expect(isRuleComplete({ ...rule, channels: [] })).toBe(false);
  });
});
