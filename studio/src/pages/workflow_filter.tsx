import { useQuery } from "@tanstack/react-query";
import { listWorkflows } from "../api/workflows";
import { shortName } from "../lib/qualified_name";
import { Select } from "../ui/field";

const CHOICES_MAX = 200;

interface Props {
  label: string;
  /** What stands for all of them. */
  all: string;
  value: string;
  onChange: (workflow: string) => void;
  className?: string;
}

/** Which workflow a list is of; one that is not among the choices, as of a link, is added to them. */
export function WorkflowFilter({ label, all, value, onChange, className = "w-48" }: Props) {
  const { data } = useQuery({
    queryKey: ["workflows", "choices"],
    queryFn: ({ signal }) => listWorkflows("", null, signal, CHOICES_MAX),
  });
  const names = [...new Set(data?.items.map((one) => shortName(`${one.namespace}.${one.name}`)) ?? [])];
  const shown = shortName(value);
  if (shown !== "" && !names.includes(shown)) names.unshift(shown);
  return (
    <Select aria-label={label} value={shown} onChange={(event) => onChange(event.target.value)} className={className}>
      <option value="">{all}</option>
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </Select>
  );
}
