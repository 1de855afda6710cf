import ELK from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Graph } from "./graph";
import { fromElk, toElk, type Layout } from "./layout";

/** The layout engine runs in a worker: a large graph never holds up typing. */
let engine: InstanceType<typeof ELK> | undefined;

export async function layoutGraph(graph: Graph): Promise<Layout> {
  engine ??= new ELK({ workerUrl, workerFactory: (url) => new Worker(url ?? workerUrl) });
  return fromElk(await engine.layout(toElk(graph)));
}
