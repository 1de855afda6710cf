import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { t } from "../../messages";
import { Button } from "../../ui/button";
import { Field, Input, Select } from "../../ui/field";
import { IconButton } from "../../ui/icon_button";
import { Segmented } from "../../ui/segmented";
import { canAddKey, FIRST, pathOfRow, type LimitsDraft, type PaceDraft } from "./draft";
import { ComplaintsOf, CountField, ExpressionField, Row, Rule, TimeField, useComplaint, type Complaints } from "./fields";

interface PartProps {
  draft: LimitsDraft;
  onChange: (change: Partial<LimitsDraft>) => void;
}

const l = t.flow.limits;

/** Every rule as a card that is off or has its fields. */
export function LimitsForm({ draft, onChange, ...complaints }: PartProps & Complaints) {
  const part = { draft, onChange };
  return (
    <ComplaintsOf value={complaints}>
      <Group title={l.groups.often}>
        <AtOnce {...part} />
        <Pace path="throttle" texts={l.throttle} pace={draft.throttle} first={FIRST.throttle} onChange={(throttle) => onChange({ throttle })} />
      </Group>
      <Group title={l.groups.less}>
        <Pace path="rate_limit" texts={l.rate} pace={draft.rate} first={FIRST.rate} onChange={(rate) => onChange({ rate })} />
        <Debounce {...part} />
        <Singleton {...part} />
        <Batch {...part} />
      </Group>
      <Group title={l.groups.order}>
        <Priority {...part} />
        <Fairness {...part} />
      </Group>
      <Group title={l.groups.caps}>
        <Caps {...part} />
      </Group>
    </ComplaintsOf>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-2.5">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </div>
  );
}

function AtOnce({ draft, onChange }: PartProps) {
  const on = draft.atOnce !== null || draft.perKey.length > 0;
  const replace = (index: number, change: Partial<LimitsDraft["perKey"][number]>) => onChange({ perKey: draft.perKey.map((row, i) => (i === index ? { ...row, ...change } : row)) });
  return (
    <Rule path="concurrency" title={l.atOnce.title} detail={l.atOnce.detail} on={on} onSwitch={(next) => onChange(next ? { atOnce: "10" } : { atOnce: null, perKey: [] })}>
      {draft.atOnce === null ? null : (
        <div className="flex items-start gap-2">
          <div className="w-40">
            <CountField path={pathOfRow(draft, "all", "limit")} label={l.atOnce.limit} value={draft.atOnce} onChange={(atOnce) => onChange({ atOnce })} />
          </div>
          {draft.perKey.length === 0 ? null : <IconButton label={l.removeRow} icon={<X size={14} />} className="mt-7" onClick={() => onChange({ atOnce: null })} />}
        </div>
      )}
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-1 text-sm font-medium">{l.atOnce.perKey}</legend>
        <p className="text-xs text-dim">{l.atOnce.perKeyDetail}</p>
        {draft.perKey.map((row, index) => (
          <div key={index} className="flex items-start gap-2">
            <div className="w-24 shrink-0">
              <CountField path={pathOfRow(draft, index, "limit")} label={l.atOnce.limit} value={row.limit} onChange={(limit) => replace(index, { limit })} />
            </div>
            <div className="min-w-0 flex-1">
              <ExpressionField path={pathOfRow(draft, index, "key")} label={l.key} hint={l.keyNeeded} value={row.key} onChange={(key) => replace(index, { key })} />
            </div>
            <IconButton label={l.removeRow} icon={<X size={14} />} className="mt-7" onClick={() => onChange({ perKey: draft.perKey.filter((_, i) => i !== index) })} />
          </div>
        ))}
        <div className="flex flex-wrap gap-2">
          <Button size="sm" icon={<Plus size={13} />} disabled={!canAddKey(draft)} onClick={() => onChange({ perKey: [...draft.perKey, { limit: "1", key: "" }] })}>
            {l.add}
          </Button>
          {draft.atOnce === null ? (
            <Button size="sm" icon={<Plus size={13} />} disabled={!canAddKey(draft)} onClick={() => onChange({ atOnce: "10" })}>
              {l.addForAll}
            </Button>
          ) : null}
        </div>
      </fieldset>
    </Rule>
  );
}

interface PaceProps {
  path: string;
  texts: { title: string; detail: string; burstHint: string };
  pace: PaceDraft | null;
  first: PaceDraft;
  onChange: (pace: PaceDraft | null) => void;
}

function Pace({ path, texts, pace, first, onChange }: PaceProps) {
  return (
    <Rule path={path} title={texts.title} detail={texts.detail} on={pace !== null} onSwitch={(on) => onChange(on ? first : null)}>
      {pace === null ? null : (
        <>
          <Row>
            <CountField path={`${path}.limit`} label={l.limit} value={pace.limit} onChange={(limit) => onChange({ ...pace, limit })} />
            <TimeField path={`${path}.period`} label={l.period} value={pace.period} onChange={(period) => onChange({ ...pace, period })} />
            <CountField path={`${path}.burst`} label={l.burst} hint={texts.burstHint} value={pace.burst} onChange={(burst) => onChange({ ...pace, burst })} />
          </Row>
          <KeyField path={`${path}.key`} value={pace.key} onChange={(key) => onChange({ ...pace, key })} />
        </>
      )}
    </Rule>
  );
}

const KeyField = (props: { path: string; value: string; onChange: (key: string) => void }) => <ExpressionField {...props} label={l.key} hint={l.keyHint} />;

function Debounce({ draft: { debounce }, onChange }: PartProps) {
  const change = (part: Partial<NonNullable<LimitsDraft["debounce"]>>) => debounce && onChange({ debounce: { ...debounce, ...part } });
  return (
    <Rule path="debounce" title={l.debounce.title} detail={l.debounce.detail} on={debounce !== null} onSwitch={(on) => onChange({ debounce: on ? FIRST.debounce : null })}>
      {debounce === null ? null : (
        <>
          <Row>
            <TimeField path="debounce.period" label={l.debounce.period} value={debounce.period} onChange={(period) => change({ period })} />
            <TimeField path="debounce.max_wait" label={l.debounce.maxWait} hint={l.debounce.maxWaitHint} value={debounce.maxWait} onChange={(maxWait) => change({ maxWait })} />
          </Row>
          <KeyField path="debounce.key" value={debounce.key} onChange={(key) => change({ key })} />
        </>
      )}
    </Rule>
  );
}

function Singleton({ draft: { singleton }, onChange }: PartProps) {
  const s = l.singleton;
  const complaint = useComplaint("singleton.on_second");
  return (
    <Rule path="singleton" title={s.title} detail={s.detail} on={singleton !== null} onSwitch={(on) => onChange({ singleton: on ? FIRST.singleton : null })}>
      {singleton === null ? null : (
        <>
          <Field label={s.second} error={complaint}>
            {(props) => (
              <Select {...props} value={singleton.second} onChange={(event) => onChange({ singleton: { ...singleton, second: event.target.value as "skip" } })} className="w-full sm:max-w-100">
                {Object.entries(s.options).map(([value, name]) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <KeyField path="singleton.key" value={singleton.key} onChange={(key) => onChange({ singleton: { ...singleton, key } })} />
        </>
      )}
    </Rule>
  );
}

function Batch({ draft: { batch }, onChange }: PartProps) {
  const change = (part: Partial<NonNullable<LimitsDraft["batch"]>>) => batch && onChange({ batch: { ...batch, ...part } });
  return (
    <Rule path="batch" title={l.batch.title} detail={l.batch.detail} on={batch !== null} onSwitch={(on) => onChange({ batch: on ? FIRST.batch : null })}>
      {batch === null ? null : (
        <>
          <Row>
            <CountField path="batch.size" label={l.batch.size} value={batch.size} onChange={(size) => change({ size })} />
            <TimeField path="batch.timeout" label={l.batch.timeout} hint={l.batch.timeoutHint} value={batch.timeout} onChange={(timeout) => change({ timeout })} />
          </Row>
          <KeyField path="batch.key" value={batch.key} onChange={(key) => change({ key })} />
        </>
      )}
    </Rule>
  );
}

function Priority({ draft: { priority }, onChange }: PartProps) {
  const p = l.priority;
  const change = (part: Partial<NonNullable<LimitsDraft["priority"]>>) => priority && onChange({ priority: { ...priority, ...part } });
  return (
    <Rule path="priority." title={p.title} detail={p.detail} on={priority !== null} onSwitch={(on) => onChange({ priority: on ? FIRST.priority : null })}>
      {priority === null ? null : (
        <>
          <div>
            <Segmented
              label={p.how}
              value={priority.how}
              onChange={(how) => change({ how })}
              options={[
                { value: "fixed", label: p.options.fixed },
                { value: "expression", label: p.options.expression },
              ]}
            />
          </div>
          {priority.how === "fixed" ? (
            <div className="w-40">
              <CountField path="priority" label={p.value} value={priority.fixed} onChange={(fixed) => change({ fixed })} />
            </div>
          ) : (
            <ExpressionField
              path="priority"
              label={p.expression}
              hint={p.expressionHint}
              placeholder={'if .plan == "gold" then 1 else 3 end'}
              value={priority.expression}
              onChange={(expression) => change({ expression })}
            />
          )}
        </>
      )}
    </Rule>
  );
}

function Fairness({ draft: { fairness }, onChange }: PartProps) {
  const f = l.fairness;
  const complaint = useComplaint("fairness.weights");
  const change = (part: Partial<NonNullable<LimitsDraft["fairness"]>>) => fairness && onChange({ fairness: { ...fairness, ...part } });
  const weights = fairness?.weights ?? [];
  const replace = (index: number, part: Partial<(typeof weights)[number]>) => change({ weights: weights.map((one, i) => (i === index ? { ...one, ...part } : one)) });
  return (
    <Rule path="fairness" title={f.title} detail={f.detail} on={fairness !== null} onSwitch={(on) => onChange({ fairness: on ? FIRST_FAIRNESS : null })}>
      {fairness === null ? null : (
        <>
          <ExpressionField path="fairness.key" label={l.key} hint={l.keyNeeded} placeholder=".tenant" value={fairness.key} onChange={(key) => change({ key })} />
          <fieldset className="flex flex-col gap-2">
            <legend className="mb-1 text-sm font-medium">{f.weights}</legend>
            <p className="text-xs text-dim">{f.weightsHint}</p>
            {weights.map((one, index) => (
              <div key={index} className="flex items-center gap-2">
                <Input aria-label={f.weightKey} placeholder={f.weightKey} value={one.key} onChange={(event) => replace(index, { key: event.target.value })} className="min-w-0 flex-1 sm:max-w-60" />
                <Input aria-label={f.weight} inputMode="numeric" value={one.weight} onChange={(event) => replace(index, { weight: event.target.value })} className="tabular !w-20" />
                <IconButton label={l.removeRow} icon={<X size={14} />} onClick={() => change({ weights: weights.filter((_, i) => i !== index) })} />
              </div>
            ))}
            {complaint === undefined ? null : <p className="text-xs text-faulted">{complaint}</p>}
            <Button size="sm" className="self-start" icon={<Plus size={13} />} onClick={() => change({ weights: [...weights, { key: "", weight: "5" }] })}>
              {f.addWeight}
            </Button>
          </fieldset>
        </>
      )}
    </Rule>
  );
}

const FIRST_FAIRNESS = { key: FIRST.fairness.key, weights: [] };

function Caps({ draft: { queue }, onChange }: PartProps) {
  const change = (part: Partial<NonNullable<LimitsDraft["queue"]>>) => queue && onChange({ queue: { ...queue, ...part } });
  return (
    <Rule path="queue" title={l.queue.title} detail={l.queue.detail} on={queue !== null} onSwitch={(on) => onChange({ queue: on ? FIRST.queue : null })}>
      {queue === null ? null : (
        <Row>
          <CountField path="queue.max" label={l.queue.max} hint={l.queue.maxHint} value={queue.max} onChange={(max) => change({ max })} />
          <CountField path="queue.max_per_key" label={l.queue.perKey} hint={l.queue.maxHint} value={queue.perKey} onChange={(perKey) => change({ perKey })} />
        </Row>
      )}
    </Rule>
  );
}
