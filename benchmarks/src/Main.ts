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
  --runtime node|bun|both
                         what runs the server (default node)
  --json FILE            also write the figures there, with every run; of both runtimes as a list
  --write                also write the tables into benchmarks/README.md
It ends with 1 if a row that reached its target in the table of README.md no longer does.
`

class UsageError extends Error {}

const wholeNumber = (flag: string, text: string, least: number, most: number): number => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`${flag} takes a whole number from ${least} to ${most}, not "${text}"`)
}

const isRow = (name: string): name is RowName => all.some((row) => row === name)

const runtimesNamed: Readonly<Record<string, ReadonlyArray<RuntimeName>>> = {
  node: ["node"],
  bun: ["bun"],
  both: ["node", "bun"]
}

const read = () => {
  const { positionals, values } = parse()
  if (values.help === true) return "help" as const
  for (const name of positionals) {
    if (!isRow(name)) throw new UsageError(`"${name}" is no row; there are ${all.join(", ")}`)
  }
  const served = runtimesNamed[values.runtime]
  if (served === undefined) throw new UsageError(`--runtime takes node, bun or both, not "${values.runtime}"`)
  if (values.write === true && positionals.length > 0)
    throw new UsageError("--write takes no rows: it writes the whole table")
  return {
    names: all.filter((name) => (positionals.length === 0 ? !onlyByName.has(name) : positionals.includes(name))),
    items: wholeNumber("--items", values.items, 100, 50_000),
    runs: wholeNumber("--runs", values.runs, 1, 100),
    served,
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

type Wanted = Exclude<ReturnType<typeof read>, "help">

const print = (line: string) => void process.stderr.write(`${line}\n`)

const readme = fileURLToPath(new URL("../README.md", import.meta.url))

const measured = async (runtime: RuntimeName, { items, names, runs }: Wanted): Promise<Report> => {
  const context = makeContext({ items, runs, runtime }, print)
  const measures: Array<Measure> = []
  for (const name of names) {
    print(`${name} …`)
    measures.push(...(await rows[name](context)))
  }
  await context.close()
  const version = execFileSync(runtimes[runtime], ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "")
  return {
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
}

/** Returns the exit code. */
const main = async (): Promise<number> => {
  const wanted = read()
  if (wanted === "help") {
    process.stdout.write(usage)
    return 0
  }
  const reports: Array<Report> = []
  let lost = 0
  for (const runtime of wanted.served) {
    if (wanted.served.length > 1) print(`On ${runtime}:`)
    const report = await measured(runtime, wanted)
    reports.push(report)
    process.stdout.write(`${toText(report.measures)}\n`)
    for (const what of lostIn(readme, runtime, report)) {
      lost += 1
      print(`Lost on ${runtime}: "${what}" reached its target in the table of README.md`)
    }
    if (wanted.write) writeInto(readme, runtime, report)
  }
  if (wanted.json !== null) {
    const [only] = reports
    const text = reports.length === 1 && only !== undefined ? toJson(only) : `[${reports.map(toJson).join(",\n")}]`
    writeFileSync(wanted.json, `${text}\n`)
  }
  if (wanted.write) {
    execFileSync(runtimes.node, [script("prettier/bin/prettier.cjs"), "--log-level", "warn", "--write", readme])
  }
  return lost === 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const wrong = error instanceof UsageError
    print(
      wrong ? `${error.message}\n${usage}` : error instanceof Error ? (error.stack ?? error.message) : String(error)
    )
    process.exit(wrong ? 2 : 1)
  }
)
