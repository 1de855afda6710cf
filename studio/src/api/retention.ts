import { jsonBody, request } from "./client";
import { asStudio } from "./flow";

/** Such as "30d"; "forever". */
export interface KeptTimes {
  completed: string;
  faulted: string;
}

export interface Retention {
  /** What the account says itself; what it leaves out is as the server says. */
  rules: Partial<KeptTimes>;
  in_force: KeptTimes;
  standard: KeptTimes;
  least: string;
  most: string;
  /** Whether an account may choose that. */
  forever: boolean;
  /** Whether what is forgotten is written to the archive before. */
  archived: boolean;
  updated_at: string | null;
  updated_by: string;
}

export const loadRetention = (signal?: AbortSignal) => request<Retention>("/v1/retention", { signal });

/** Nothing: as the server says. */
export const putRetention = (rules: Partial<KeptTimes>, reason: string) => {
  const why = reason === "" ? {} : { reason };
  const method = Object.keys(rules).length === 0 ? "DELETE" : "PUT";
  return request<Retention | null>("/v1/retention", { method, ...asStudio(jsonBody({ ...rules, ...why })) });
};
