import { expect, it } from "vitest";
import { parseViews } from "./saved_views";

it("reads views, and leaves out what is none", () => {
  expect(parseViews('[{"name": "Mine", "search": "status=faulted"}, {"name": 1}, null, "x"]')).toEqual([{ name: "Mine", search: "status=faulted" }]);
});

it("gives none for what cannot be read", () => {
  for (const text of [null, "", "{", "{}", "7"]) expect(parseViews(text)).toEqual([]);
});
