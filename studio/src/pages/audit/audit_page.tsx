import { useInfiniteQuery } from "@tanstack/react-query";
import { ScrollText, X } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { AUDITED_KINDS, type AuditEntry } from "../../api/audit";
import { auditQuery, itemsOf } from "../../api/queries";
import { useTitle } from "../../lib/use_title";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { EmptyState } from "../../ui/empty_state";
import { Select } from "../../ui/field";
import { PageHeader } from "../../ui/page_header";
import { PagedList } from "../../ui/paged_list";
import { SentField } from "../../ui/sent_field";
import { RelativeTime } from "../../ui/time_text";
import { ChangeList } from "./change_list";
import { pathOf } from "./path_of";

const COLUMNS = "grid grid-cols-[auto_minmax(0,1fr)_auto] gap-x-1.5 gap-y-0.5 md:gap-x-4 md:grid-cols-[120px_120px_minmax(0,1.2fr)_minmax(0,1.2fr)_minmax(0,1fr)] md:items-baseline";

export function AuditPage() {
  useTitle(t.audit.title);
  const [params, setParams] = useSearchParams();
  const filter = { object_kind: params.get("kind") ?? "", object_id: params.get("object") ?? "", who: params.get("who") ?? "" };
  const isFiltered = filter.object_kind !== "" || filter.object_id !== "" || filter.who !== "";
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value === "") next.delete(name);
    else next.set(name, value);
    setParams(next, { replace: true });
  };
  const query = useInfiniteQuery({ ...auditQuery(filter), refetchInterval: 10_000 });
  const items = itemsOf(query.data);
  return (
    <>
      <PageHeader title={t.audit.title} note={t.audit.note} />
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
        <Select aria-label={t.audit.kind} value={filter.object_kind} onChange={(event) => set("kind", event.target.value)} className="w-44">
          <option value="">{t.audit.anyKind}</option>
          {AUDITED_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t.audit.kinds(kind)}
            </option>
          ))}
        </Select>
        <SentField key={`who ${filter.who}`} label={t.audit.who} hint={t.audit.whoHint} value={filter.who} onSend={(who) => set("who", who)} />
        <SentField key={`object ${filter.object_id}`} label={t.audit.object} hint={t.audit.objectHint} value={filter.object_id} onSend={(object) => set("object", object)} />
        {isFiltered ? (
          <Button tone="ghost" icon={<X size={14} />} onClick={() => setParams({}, { replace: true })}>
            {t.audit.clear}
          </Button>
        ) : null}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto border-t">
        {items.length === 0 ? null : (
          <div aria-hidden="true" className={`sticky top-0 z-10 border-b bg-page px-4 py-2 text-xs text-dim max-md:hidden md:px-6 ${COLUMNS}`}>
            {t.audit.columns.map((column) => (
              <span key={column}>{column}</span>
            ))}
          </div>
        )}
        <PagedList
          query={query}
          items={items}
          label={t.audit.title}
          row={(entry) => <Row key={entry.id} entry={entry} />}
          empty={
            <EmptyState icon={<ScrollText size={18} />} title={isFiltered ? t.audit.noneMatch : t.audit.none}>
              {isFiltered ? t.audit.noneMatchDetail : t.audit.noneDetail}
            </EmptyState>
          }
        />
      </div>
    </>
  );
}

function Row({ entry }: { entry: AuditEntry }) {
  const path = pathOf(entry);
  return (
    <li className={`border-b px-4 py-2.5 text-sm md:px-6 ${COLUMNS}`}>
      <span className="text-soft max-md:order-3 max-md:text-xs">
        <RelativeTime iso={entry.time} />
      </span>
      <span className="truncate font-medium max-md:order-1">{t.audit.by(entry.who)}</span>
      <span title={entry.act} className="max-md:order-2">{t.audit.acts(entry.act)}</span>
      {path === null ? (
        <span className="truncate font-mono text-xs text-soft max-md:order-4 max-md:col-span-3">{entry.object_id}</span>
      ) : (
        <Link to={path} className="truncate justify-self-start rounded-sm font-mono text-xs text-accent-ink hover:underline max-md:order-4 max-md:col-span-3 max-w-full">
          {entry.object_id}
        </Link>
      )}
      <span className="break-words text-soft max-md:order-5 max-md:col-span-3">{entry.note}</span>
      {entry.change === null ? null : (
        <div className="max-md:order-6 max-md:col-span-3 md:col-span-3 md:col-start-3">
          <ChangeList change={entry.change} />
        </div>
      )}
    </li>
  );
}
