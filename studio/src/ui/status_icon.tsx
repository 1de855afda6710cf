import type { RunStatus } from "../api/types";

export type AnyStatus = RunStatus | "skipped";

/** Each phase has its own outline, so that it can be told apart without its colour. */
const SHAPES: Record<AnyStatus, React.ReactNode> = {
  queued: <path d="M2.6 4.2h10.8M2.6 8h10.8M2.6 11.8h6" />,
  absorbed: <path d="M2.8 3.6h1.6c2 0 2.6 4.4 4.6 4.4H13M2.8 12.4h1.6c2 0 2.6-4.4 4.6-4.4M10.6 5.6L13 8l-2.4 2.4" />,
  pending: <circle cx="8" cy="8" r="5.6" strokeDasharray="1.6 2.8" />,
  running: (
    <>
      <circle cx="8" cy="8" r="5.6" opacity="0.28" />
      <path className="animate-spin-slow origin-center" d="M8 2.4a5.6 5.6 0 0 1 5.6 5.6" />
    </>
  ),
  waiting: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M8 4.9V8l2 1.4" />
    </>
  ),
  suspended: (
    <>
      <rect x="2.6" y="2.6" width="10.8" height="10.8" rx="3" />
      <path d="M6.6 6v4M9.4 6v4" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="5.6" />
      <path d="M4.1 11.9l7.8-7.8" />
    </>
  ),
  faulted: (
    <>
      <path d="M5.6 2.4h4.8l3.2 3.2v4.8l-3.2 3.2H5.6l-3.2-3.2V5.6z" fill="currentColor" stroke="currentColor" />
      <path d="M6.2 6.2l3.6 3.6M9.8 6.2L6.2 9.8" stroke="var(--surface)" />
    </>
  ),
  completed: (
    <>
      <circle cx="8" cy="8" r="5.9" fill="currentColor" stroke="currentColor" />
      <path d="M5.4 8.2l1.8 1.8 3.4-3.8" stroke="var(--surface)" />
    </>
  ),
  skipped: <path d="M4 5l3 3-3 3M8.6 5l3 3-3 3" />,
};

export const STATUS_COLOR: Record<AnyStatus, string> = {
  queued: "var(--queued)",
  absorbed: "var(--cancelled)",
  pending: "var(--pending)",
  running: "var(--running)",
  waiting: "var(--waiting)",
  suspended: "var(--suspended)",
  cancelled: "var(--cancelled)",
  faulted: "var(--faulted)",
  completed: "var(--completed)",
  skipped: "var(--pending)",
};

export function StatusIcon({ status, size = 16 }: { status: AnyStatus; size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
      style={{ color: STATUS_COLOR[status] }}
    >
      {SHAPES[status]}
    </svg>
  );
}
