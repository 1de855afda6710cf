import react from "@vitejs/plugin-react";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

const server = process.env.ELEVAITE_URL ?? "http://127.0.0.1:8000";
const proxied = ["/v1", "/hooks", "/health", "/openapi.json", "/docs", "^/t/[^/]+/"];

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2022",
    // Nothing is inlined as a data: URL, so that `default-src 'self'` is enough of a policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    // The layout engine is one large file that is only fetched when a graph is drawn.
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: true }])),
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
