export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className="shrink-0">
      <rect width="32" height="32" rx="8" fill="#4a46d6" />
      <path d="M9 22.5h14M9 16h10M9 9.5h6" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <path d="M19.5 10.5l4-4M23.5 10V6.5H20" stroke="#b9f6e0" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" fill="none" />
    </svg>
  );
}
