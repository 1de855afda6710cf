// Writes a .br and a .gz twin beside every text asset of dist/, so that the server can embed the folder as it is and
// never compresses anything while it serves.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(html|js|css|svg|json|txt|webmanifest|map)$/;
const dist = new URL("../dist/", import.meta.url).pathname;

async function filesUnder(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
}

// The manifest serves check-bundle.mjs only; the binary has no use for it.
await mkdir(new URL("../.bundle/", import.meta.url), { recursive: true });
await rename(join(dist, ".vite/manifest.json"), new URL("../.bundle/manifest.json", import.meta.url));
await rm(join(dist, ".vite"), { recursive: true });

let before = 0;
let total = 0;
for (const file of await filesUnder(dist)) {
  const bytes = await readFile(file);
  before += bytes.length;
  total += bytes.length;
  if (!TEXT.test(file)) continue;
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  const gzip = gzipSync(bytes, { level: 9 });
  // A twin that saves nothing is a file for nothing.
  for (const [suffix, twin] of [[".br", brotli], [".gz", gzip]]) {
    if (twin.length >= bytes.length) {
      await rm(file + suffix, { force: true });
      continue;
    }
    await writeFile(file + suffix, twin);
    total += twin.length;
  }
}
const kib = (n) => `${(n / 1024).toFixed(0)} KiB`;
console.log(`precompressed: ${kib(before)} of files, ${kib(total)} with their twins`);
