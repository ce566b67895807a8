/** Requests per second under load, by autocannon in a separate process. It shares the machine with the server. */
import { createRequire } from "node:module"
import { runtimes } from "../../scripts/lib/Process.mjs"
import { outputOf, startChild } from "./Children.ts"
import { apiKey } from "./Stack.ts"

export const connections = 8

const autocannon = createRequire(import.meta.url).resolve("autocannon")

interface Report {
  readonly requests: { readonly average: number }
  readonly errors: number
  readonly timeouts: number
  readonly non2xx: number
}

const load = async (url: string, seconds: number, clients: number): Promise<number> => {
  const flags = ["--json", "--no-progress", "--connections", String(clients), "--duration", String(seconds)]
  const child = startChild(runtimes.node, [autocannon, ...flags, "--headers", `x-api-key=${apiKey}`, url])
  const report: Report = JSON.parse(await outputOf(child))
  if (report.errors + report.timeouts + report.non2xx > 0) {
    throw new Error(`${url}: ${report.errors} errors, ${report.timeouts} time-outs, ${report.non2xx} refusals`)
  }
  return report.requests.average
}

/** One figure per run, after a warm-up. */
export const requestsPerSecond = async (
  url: string,
  runs: number,
  clients = connections
): Promise<ReadonlyArray<number>> => {
  await load(url, 3, clients)
  const samples: Array<number> = []
  while (samples.length < runs) samples.push(await load(url, 3, clients))
  return samples
}
