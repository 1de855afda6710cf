import { UserRound } from "lucide-react";
import { useState } from "react";
import { setPerson, usePerson } from "../../lib/use_person";
import { t } from "../../messages";
import { Input } from "../../ui/field";

/** The name that answers bear. There is no sign-in yet: it is what one writes here. */
export function WhoAmI({ asking = false }: { asking?: boolean }) {
  const person = usePerson();
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? person;
  const keep = () => {
    if (typed !== null) setPerson(typed);
    setTyped(null);
  };
  return (
    <label className="relative flex min-w-0 items-center" title={t.inbox.askNameDetail}>
      <UserRound size={14} className="pointer-events-none absolute left-2.5 text-dim" />
      <span className="sr-only">{t.inbox.answer.name}</span>
      <Input
        value={name}
        placeholder={t.inbox.answer.name}
        maxLength={200}
        autoFocus={asking}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => event.key === "Enter" && keep()}
        className={asking ? "w-60 pl-8" : "w-40 pl-8 max-sm:w-36"}
      />
    </label>
  );
}
