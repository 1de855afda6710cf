export function Spinner({ size = 14 }: { size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <circle cx="8" cy="8" r="6" opacity="0.25" />
      <path className="animate-spin-slow" d="M8 2a6 6 0 0 1 6 6" strokeLinecap="round" />
    </svg>
  );
}
