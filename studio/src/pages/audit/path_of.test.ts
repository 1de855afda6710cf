import { describe, expect, it } from "vitest";
import { pathOf } from "./path_of";

describe("where an entry of the audit leads", () => {
  it("is the page of what was acted on", () => {
    expect(pathOf({ act: "execution.cancel", object_kind: "execution", object_id: "exe_1" })).toBe("/executions/exe_1");
    expect(pathOf({ act: "schedule.pause", object_kind: "schedule", object_id: "shop.nightly" })).toBe("/schedules/shop.nightly");
    expect(pathOf({ act: "workflow.publish", object_kind: "workflow", object_id: "shop.order 1.2.0" })).toBe("/workflows/shop.order");
    expect(pathOf({ act: "flow.change", object_kind: "flow", object_id: "shop.order" })).toBe("/workflows/shop.order/limits");
    expect(pathOf({ act: "flow.pause", object_kind: "flow", object_id: "account" })).toBe("/queue");
  });
  it("is nowhere for what has gone, or has no page", () => {
    expect(pathOf({ act: "execution.delete", object_kind: "execution", object_id: "exe_1" })).toBeNull();
    expect(pathOf({ act: "dead_letter.redrive", object_kind: "dead_letter", object_id: "dead_1" })).toBeNull();
  });
});
