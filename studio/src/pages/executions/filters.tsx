import { Filter, X } from "lucide-react";
import { useState } from "react";
import { PHASES } from "../../api/types";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Input, Select } from "../../ui/field";
import { Menu, MenuCheck, MenuSeparator } from "../../ui/menu";
import { StatusIcon } from "../../ui/status_icon";
import { WorkflowFilter } from "../workflow_filter";
import { Chips } from "./chips";
import { isFiltered, isQueued, NO_FILTER, type Filter as Filters } from "./use_filter";
import { ViewsMenu } from "./views_menu";

interface Props {
  filter: Filters;
  onChange: (filter: Partial<Filters>) => void;
}

export function ExecutionFilters({ filter, onChange }: Props) {
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
      <ViewsMenu />
      <StatusFilter value={filter.status} onChange={(status) => onChange({ status })} />
      <WorkflowFilter label={t.executions.workflow} all={t.executions.anyWorkflow} value={filter.workflow} onChange={(workflow) => onChange({ workflow })} />
      {isQueued(filter) ? null : <WhatBegan filter={filter} onChange={onChange} />}
      {isFiltered(filter) ? (
        <Button tone="ghost" icon={<X size={14} />} onClick={() => onChange(NO_FILTER)}>
          {t.executions.clear}
        </Button>
      ) : null}
    </div>
  );
}

/** What only those have that have begun. */
function WhatBegan({ filter, onChange }: Props) {
  return (
    <>
      <Select aria-label={t.executions.since} value={filter.since} onChange={(event) => onChange({ since: event.target.value })} className="w-36">
        {t.executions.sinceOptions.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
      <FindField key={filter.find} onAdd={(terms) => onChange({ find: `${filter.find} ${terms}`.trim() })} />
      <Chips find={filter.find} onChange={(find) => onChange({ find })} />
    </>
  );
}

/** Asked for when it is sent, not while it is typed: half a condition is none. */
function FindField({ onAdd }: { onAdd: (terms: string) => void }) {
  const [text, setText] = useState("");
  const send = () => {
    if (text.trim() !== "") onAdd(text.trim());
  };
  return (
    <form
      className="min-w-40 flex-1 md:max-w-80"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Input
        type="search"
        aria-label={t.executions.find}
        title={t.executions.findHelp}
        placeholder={t.executions.findHint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={send}
        spellCheck={false}
      />
    </form>
  );
}

function StatusFilter({ value, onChange }: { value: Filters["status"]; onChange: (value: Filters["status"]) => void }) {
  const shown = value.length === 0 ? t.executions.anyStatus : value.map((one) => t.status[one]).join(", ");
  return (
    <Menu
      align="start"
      trigger={
        <Button icon={<Filter size={14} className="text-dim" />} aria-label={`${t.executions.status}: ${shown}`}>
          {shown}
        </Button>
      }
    >
      {PHASES.map((phase) => (
        <MenuCheck
          key={phase}
          checked={value.includes(phase)}
          onChange={(on) => onChange(on ? [...value.filter((one) => one !== "queued"), phase] : value.filter((one) => one !== phase))}
        >
          <span className="flex items-center gap-2.5">
            <StatusIcon status={phase} /> {t.status[phase]}
          </span>
        </MenuCheck>
      ))}
      <MenuSeparator />
      <MenuCheck checked={value.includes("queued")} onChange={(on) => onChange(on ? ["queued"] : [])}>
        <span className="flex items-center gap-2.5">
          <StatusIcon status="queued" /> {t.status.queued}
        </span>
      </MenuCheck>
    </Menu>
  );
}
