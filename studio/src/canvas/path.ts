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

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

function toward(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  const part = length / whole;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
