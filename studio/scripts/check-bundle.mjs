// Fails when the JavaScript needed before the first view is over budget, or dist/ as a whole grows too large to embed.
// "Needed" is read from the build manifest: the entry and everything it imports statically.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const INITIAL_GZIP_MAX = 250 * 1024;
const TOTAL_MAX = 8 * 1024 * 1024;
const dist = new URL("../dist/", import.meta.url).pathname;
const manifest = JSON.parse(await readFile(new URL("../.bundle/manifest.json", import.meta.url), "utf8"));

const initial = new Set();
function add(key) {
  if (initial.has(key)) return;
  initial.add(key);
  for (const child of manifest[key].imports ?? []) add(child);
}
for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry) add(key);

let gzip = 0;
for (const key of initial) {
  const size = gzipSync(await readFile(join(dist, manifest[key].file)), { level: 9 }).length;
  console.log(`${(size / 1024).toFixed(1).padStart(8)} KiB gzip  ${manifest[key].file}`);
  gzip += size;
}
let total = 0;
for (const entry of await readdir(dist, { withFileTypes: true, recursive: true })) {
  if (entry.isFile()) total += (await stat(join(entry.parentPath ?? entry.path, entry.name))).size;
}
console.log(`initial JavaScript ${(gzip / 1024).toFixed(1)} of ${INITIAL_GZIP_MAX / 1024} KiB gzip`);
console.log(`dist ${(total / 1024 / 1024).toFixed(2)} of ${TOTAL_MAX / 1024 / 1024} MiB`);
if (gzip > INITIAL_GZIP_MAX || total > TOTAL_MAX) {
  console.error("over budget");
  process.exit(1);
}
