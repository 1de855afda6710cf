import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { asProblem } from "./api/problem";
import { prefetchPages } from "./prefetch";
import { router } from "./routes";
import "./styles/index.css";

const RETRIES_MAX = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // The server may well be on this machine: that the browser is offline says nothing about it.
      networkMode: "always",
      // A request the server refused will be refused again; only silence is worth another try.
      retry: (failures, error) => failures < RETRIES_MAX && asProblem(error).status >= 502,
    },
    mutations: { networkMode: "always" },
  },
});

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

prefetchPages();
