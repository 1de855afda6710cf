/** Grey lines in the place of what comes, only after it is worth showing something. */
export function SkeletonRows({ rows = 8, label }: { rows?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="divide-y">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-14 items-center gap-4 px-4 md:px-6">
          <span className="skeleton size-4 rounded-full" />
          <span className="flex flex-1 flex-col gap-2">
            <span className="skeleton h-3" style={{ width: `${22 + ((index * 37) % 20)}%` }} />
            <span className="skeleton h-2.5" style={{ width: `${34 + ((index * 53) % 26)}%` }} />
          </span>
          <span className="skeleton h-3 w-16" />
        </div>
      ))}
    </div>
  );
}

export function SkeletonBlock({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-1 flex-col gap-3 p-6">
      {[62, 48, 70, 40, 55, 33].map((width) => (
        <span key={width} className="skeleton h-3.5" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
