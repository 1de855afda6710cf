import ELK, { type ElkNode } from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import type { Graph } from "./graph";
import { layoutGraph, type Layout } from "./layout";

/** Answers kept: an edit changes the shape of a segment or two, all others have been asked before. */
const KEPT = 500;

let elk: InstanceType<typeof ELK> | undefined;
const answers = new Map<string, Promise<ElkNode>>();

/** The layout engine runs in a worker, which is started when a graph first needs it: a large one never holds up typing. */
function engine(graph: ElkNode): Promise<ElkNode> {
  const question = JSON.stringify(graph);
  const known = answers.get(question);
  if (known !== undefined) return known;
  elk ??= new ELK({ workerUrl, workerFactory: (url) => new Worker(url ?? workerUrl) });
  const answer = elk.layout(graph);
  answers.set(question, answer);
  const oldest = answers.size > KEPT ? answers.keys().next().value : undefined;
  if (oldest !== undefined) answers.delete(oldest);
  return answer;
}

export const layout = (graph: Graph): Promise<Layout> => layoutGraph(graph, engine);
