import type { Point } from "./layout";

/** An orthogonal polyline as an SVG path with rounded corners; short legs get smaller corners. */
export function roundedPath(points: Point[], radius: number): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const before = points[index] as Point;
    const after = rest[index + 1];
    if (after === undefined) {
      path += `L${point.x} ${point.y}`;
      return;
    }
    const corner = Math.min(radius, distance(before, point) / 2, distance(point, after) / 2);
    const into = toward(point, before, corner);
    const out = toward(point, after, corner);
    path += `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`;
  });
  return path;
}

/** The point half way along a polyline. */
export function middleOf(points: Point[]): Point | null {
  const whole = points.slice(1).reduce((sum, point, index) => sum + distance(points[index] as Point, point), 0);
  let left = whole / 2;
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1] as Point;
    const to = points[index] as Point;
    const leg = distance(from, to);
    if (leg >= left) return toward(from, to, left);
    left -= leg;
  }
  return points[0] ?? null;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

function toward(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  const part = length / whole;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
