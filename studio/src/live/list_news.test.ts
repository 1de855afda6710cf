import { expect, it } from "vitest";
import type { ExecutionSummary, Phase } from "../api/types";
import { cursorAt, newsOf } from "./list_news";

const row = (n: number, status: Phase = "running"): ExecutionSummary =>
  ({ id: `exe_${String(n).padStart(3, "0")}`, created_at: `2026-11-26T10:00:00.${String(n).padStart(6, "0")}Z`, status }) as ExecutionSummary;

const shown = [row(30), row(20), row(10)];

it("counts what has come at the top, and leaves the rows where they are", () => {
  const news = newsOf(shown, { items: [row(50), row(40), row(30), row(20)], whole: false }, undefined);
  expect(news.fresh).toBe(2);
  expect(news.more).toBe(false);
  expect(news.items.map((one) => one.id)).toEqual(shown.map((one) => one.id));
});

it("knows when more has come than a page holds", () => {
  const news = newsOf(shown, { items: [row(60), row(50)], whole: false }, undefined);
  expect([news.fresh, news.more]).toEqual([2, true]);
});

it("shows the rows as they are now", () => {
  const news = newsOf(shown, { items: [row(30, "completed"), row(20)], whole: false }, { items: [row(20), row(10, "faulted")], whole: true });
  expect(news.items.map((one) => one.status)).toEqual(["completed", "running", "faulted"]);
});

it("marks what the filter does not hold any more, where it has looked", () => {
  expect(newsOf(shown, { items: [row(30), row(10)], whole: false }, undefined).gone).toEqual(new Set(["exe_020"]));
  expect(newsOf(shown, { items: [row(30)], whole: true }, undefined).gone).toEqual(new Set(["exe_020", "exe_010"]));
  expect(newsOf(shown, { items: [row(50), row(40)], whole: false }, undefined).gone.size).toBe(0);
  expect(newsOf(shown, { items: [], whole: true }, undefined).gone.size).toBe(0);
});

it("takes runs of the same millisecond neither for new nor for gone", () => {
  const twin = (id: string) => ({ ...row(30), id });
  const burst = [twin("exe_b"), twin("exe_c"), twin("exe_a")];
  const news = newsOf(burst, { items: burst.slice(0, 2), whole: false }, undefined);
  expect([news.fresh, news.gone.size]).toEqual([0, 0]);
});

it("takes all for new when nothing was there", () => {
  expect(newsOf([], { items: [row(1)], whole: true }, undefined).fresh).toBe(1);
});

it("makes a cursor under which a page begins with the row", () => {
  expect(cursorAt({ id: "exe_1", created_at: "2026-11-26T10:00:00.12Z" } as ExecutionSummary)).toBe("1795687200121000-exe_1");
});
