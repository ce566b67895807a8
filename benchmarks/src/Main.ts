/** The measurement itself: which rows, how often, on which runtime, and where the results are written. */
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { availableParallelism, platform, release, type } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { runtimes, script } from "../../scripts/lib/Process.mjs"
import { makeContext } from "./Context.ts"
import type { Measure } from "./Measure.ts"
import { lostIn, type Report, toJson, toText, writeInto } from "./Report.ts"
import { onlyByName, type RowName, rows } from "./Rows.ts"
import type { RuntimeName } from "./Stack.ts"

const all = Object.keys(rows) as ReadonlyArray<RowName>

const usage = `Usage: npm run bench -- [row...] [flags]
Rows: ${all.join(", ")}; all of them by default, except ${[...onlyByName].join(", ")}.
  --items N              items of the simulated library (default 20000)
  --runs K               runs of which the median is taken (default 5)
  --runtime node|bun     what runs the server (default node)
  --json FILE            also write the figures there, with every run
  --write                also write the table into benchmarks/README.md
`

class UsageError extends Error {}

const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`${flag} takes a whole number from ${least} to ${most}, not "${text}"`)
}

const isRow = (name: string): name is RowName => all.some((row) => row === name)
const isRuntime = (name: string): name is RuntimeName => name === "node" || name === "bun"

const read = () => {
  const { positionals, values } = parse()
  if (values.help === true) return "help"
  for (const name of positionals) {
    if (!isRow(name)) throw new UsageError(`"${name}" is no row; there are ${all.join(", ")}`)
  }
  if (!isRuntime(values.runtime)) throw new UsageError(`--runtime takes node or bun, not "${values.runtime}"`)
  if (values.write === true && positionals.length > 0)
    throw new UsageError("--write takes no rows: it writes the whole table")
  return {
    names: all.filter((name) => (positionals.length === 0 ? !onlyByName.has(name) : positionals.includes(name))),
    items: wholeNumber("--items", values.items, 100, 50_000),
    runs: wholeNumber("--runs", values.runs, 1, 100),
    runtime: values.runtime,
    json: values.json ?? null,
    write: values.write === true
  }
}

const parse = () => {
  try {
    return parseArgs({
      strict: true,
      allowPositionals: true,
      options: {
        help: { type: "boolean", short: "h" },
        items: { type: "string", default: "20000" },
        runs: { type: "string", default: "5" },
        runtime: { type: "string", default: "node" },
        json: { type: "string" },
        write: { type: "boolean" }
      }
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

const print = (line: string) => void process.stderr.write(`${line}\n`)

const main = async () => {
  const wanted = read()
  if (wanted === "help") return void process.stdout.write(usage)
  const { items, json, names, runs, runtime, write } = wanted
  const context = makeContext({ items, runs, runtime }, print)
  const measures: Array<Measure> = []
  for (const name of names) {
    print(`${name} …`)
    measures.push(...(await rows[name](context)))
  }
  await context.close()
  const version = execFileSync(runtimes[runtime], ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "")
  const report: Report = {
    at: new Date().toISOString(),
    machine: {
      processors: availableParallelism(),
      system: platform() === "linux" ? `Linux ${release().split("-")[0]}` : `${type()} ${release()}`,
      runtime: `${runtime === "node" ? "Node" : "Bun"} ${version}`
    },
    items,
    runs,
    measures
  }
  process.stdout.write(`${toText(measures)}\n`)
  const readme = fileURLToPath(new URL("../README.md", import.meta.url))
  for (const what of lostIn(readme, runtime, measures))
    print(`Lost: "${what}" reached its target in the table of README.md`)
  if (json !== null) writeFileSync(json, `${toJson(report)}\n`)
  if (write) {
    writeInto(readme, runtime, report)
    execFileSync(runtimes.node, [script("prettier/bin/prettier.cjs"), "--log-level", "warn", "--write", readme])
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const wrong = error instanceof UsageError
    print(
      wrong ? `${error.message}\n${usage}` : error instanceof Error ? (error.stack ?? error.message) : String(error)
    )
    process.exit(wrong ? 2 : 1)
  }
)
