import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { AUDITED_KINDS } from "../api/audit";
import { audit } from "./en_audit";

it("has words for every act that the server notes, and a choice for every kind of object", () => {
  const source = readFileSync(new URL("../../../services/workflow/api/audit.cc", import.meta.url), "utf8");
  const acts = [...source.matchAll(/AuditedRoute\{[^"]*"[^"]*", "([\w.]+)"/g)].map((match) => match[1] ?? "");
  expect(acts).toContain("execution.cancel");
  // The rest of this one is a part of the path.
  const whole = acts.filter((act) => !act.endsWith("."));
  expect(whole.filter((act) => audit.acts(act) === act)).toEqual([]);
  expect(new Set(acts.map((act) => act.split(".")[0]))).toEqual(new Set(AUDITED_KINDS));
});
