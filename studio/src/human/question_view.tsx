import type { Json } from "../api/types";
import { isMapping } from "../form/shape";
import { t } from "../messages";
import { JsonTree } from "../ui/json_tree";
import { Markdown } from "../ui/markdown";

const ROWS_MAX = 24;
const isScalar = (value: Json) => value === null || typeof value !== "object";

/** The text of a question and the values to decide on. */
export function QuestionView({ text, data }: { text?: string; data?: Json }) {
  return (
    <>
      {text === undefined || text === "" ? null : (
        <div className="text-base break-words">
          <Markdown text={text} />
        </div>
      )}
      {data === undefined || data === null ? null : <Data value={data} />}
    </>
  );
}

/** A small flat object as a list of names and values, anything else as a tree. */
function Data({ value }: { value: Json }) {
  if (!isMapping(value) || Object.keys(value).length > ROWS_MAX || !Object.values(value).every(isScalar)) return <JsonTree value={value} label={t.inbox.data} />;
  return (
    <dl aria-label={t.inbox.data} className="grid grid-cols-[minmax(80px,auto)_1fr] overflow-hidden rounded-md border text-sm">
      {Object.entries(value).map(([name, one]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid gap-x-4 border-b px-3 py-1.5 last:border-b-0 odd:bg-sunken">
          <dt className="text-soft">{name}</dt>
          <dd className="tabular min-w-0 break-words">{one === null ? t.common.none : String(one)}</dd>
        </div>
      ))}
    </dl>
  );
}
