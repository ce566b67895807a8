/** Set-up by a script: everything comes from flags and the environment, without prompts, with one result in the end. */
import { syncJob } from "@tendarr/core/jobs/JobNames"
import type { CapacityPreviewResponse, DiskGroup, Integration, Run } from "@tendarr/sdk-client"
import { Console, Effect, Redacted } from "effect"
import type { Connection } from "../connection/Connection.ts"
import type { Place } from "../connection/Place.ts"
import { failed, misused, troubled } from "../Failure.ts"
import { diskTable } from "../output/Disks.ts"
import { clean, count } from "../output/Format.ts"
import { integrationTable, syncLines, testLines } from "../output/Integrations.ts"
import { makeProgress } from "../output/Progress.ts"
import { currentStyle, plain, type Style } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"
import { expectCompleted, printErrors, startAndFollow, syncReportOf } from "../RunFollowing.ts"
import { secretFromEnvironment, variableOf } from "../Secrets.ts"
import { connect, freeName, isConnected, tryOut } from "./Connecting.ts"
import { discover, placesFor } from "./Discovery.ts"
import { noDiskOptions, setDisks } from "./DiskSetup.ts"
import { nextLines, outlookLines, outlookOf } from "./Outlook.ts"
import type { InitProgress } from "./InitProgress.ts"
import { type WantedIntegration, type InitOptions, wantedIntegrations } from "./InitOptions.ts"

interface Refusal {
  readonly kind: string
  readonly url: string
  readonly detail: string
}

/** The output of `--json`; its parts are the API's own responses. */
interface Outcome {
  readonly added: ReadonlyArray<Integration>
  /** Applications that were found or requested, but skipped: without a key, or with a wrong one. */
  readonly refused: ReadonlyArray<Refusal>
  readonly run: Run | null
  readonly diskGroups: ReadonlyArray<DiskGroup>
  readonly preview: CapacityPreviewResponse
}

export const setUpUnattended = Effect.fnUntraced(function* (
  connection: Connection,
  place: Place,
  options: InitOptions,
  done: InitProgress
) {
  const { ask } = connection
  const refused = yield* connectAll(connection, place, options, done)
  const integrations = (yield* ask((client) => client.integrations.list())).items
  if (!integrations.some(({ enabled }) => enabled)) {
    return yield* failed(
      refused.length === 0
        ? "No application was found"
        : `No application was connected: ${refused.map(({ detail, url }) => `${url}: ${detail}`).join("; ")}`,
      "nothing-connected",
      "Name one, such as --integration radarr=http://radarr:7878 with its key in TENDARR_KEY_RADARR."
    )
  }
  const run = options.sync ? yield* startAndFollow(connection, syncJob, {}) : null
  done.synced = run !== null
  const found = (yield* ask((client) => client.capacity.diskGroups())).items
  const diskGroups = noDiskOptions(options) ? found : yield* setDisks(ask, found, options)
  const preview = yield* outlookOf(ask)
  const outcome: Outcome = { added: done.added, refused, run, diskGroups, preview }
  const style = yield* currentStyle
  const width = yield* terminalWidth
  const report = run === null ? null : yield* syncReportOf(run)
  yield* answer(outcome, () => [
    ...addedLines(outcome, style, width),
    ...(report === null ? [] : ["", ...syncLines(report, style, width)]),
    ...(diskGroups.length === 0 ? [] : ["", ...diskTable(diskGroups, style, width)]),
    "",
    ...outlookLines(preview, style),
    "",
    ...nextLines(place, connection.server !== null, run === null ? null : preview, style)
  ])
  if (run !== null) {
    yield* printErrors(connection, run)
    yield* expectCompleted(run)
  }
  if (refused.length > 0) {
    for (const { detail, url } of refused) yield* Console.error(`${clean(url)}: ${clean(detail)}`)
    return yield* troubled(`${count(refused.length, "application")} skipped`)
  }
})

const addedLines = ({ added }: Outcome, style: Style, width: number | null): ReadonlyArray<string> =>
  added.length === 0 ? ["No new application was connected"] : integrationTable(added, style, width)

const connectAll = Effect.fnUntraced(function* (
  connection: Connection,
  place: Place,
  options: InitOptions,
  done: InitProgress
) {
  const { ask } = connection
  const named = yield* wantedIntegrations(ask, options.integrations)
  const known = (yield* ask((client) => client.integrations.list())).items
  const refused: Array<Refusal> = []
  for (const one of named) {
    if (isConnected(one.url, known)) continue
    const config = yield* configOf(one)
    if (typeof config === "string") return yield* misused(`${one.kind.title} at ${one.url}: ${config}`)
    yield* tryAndConnect(connection, { ...one, config }, known, done, refused)
  }
  // An application that was only found is connected if its key is available, and otherwise listed.
  for (const { kinds, url } of yield* found(connection, place, options)) {
    if (isConnected(url, [...known, ...done.added])) continue
    const config = yield* configOf({ kind: kinds[0], name: null, url })
    if (typeof config === "string") refused.push({ kind: kinds[0].id, url, detail: config })
    else yield* tryAndConnect(connection, { kind: kinds[0], name: null, url, config }, known, done, refused)
  }
  return refused
})

/** If integrations are named, nothing else is looked for, unless hosts are named too. */
const found = Effect.fnUntraced(function* ({ ask }: Connection, place: Place, options: InitOptions) {
  if (options.integrations.length > 0 && options.look.length === 0) return []
  const kinds = (yield* ask((client) => client.integrations.kinds())).items
  return yield* Effect.scoped(
    Effect.flatMap(makeProgress, (progress) => discover({ kinds, ...placesFor(place, options.look) }, progress.show))
  )
})

/** The configuration, or what is missing. */
const configOf = Effect.fnUntraced(function* ({ kind, name }: WantedIntegration) {
  const config: Record<string, unknown> = {}
  const names = name === null ? [kind.id] : [name, kind.id]
  for (const field of kind.fields) {
    if (!field.required) continue
    const value = field.type === "secret" ? yield* secretFromEnvironment(names, process.env) : null
    if (value === null) return `its ${field.label} is not in ${names.map(variableOf).join(" or ")}`
    config[field.key] = Redacted.value(value)
  }
  return config
})

const tryAndConnect = Effect.fnUntraced(function* (
  { ask }: Connection,
  wanted: WantedIntegration & { readonly config: Readonly<Record<string, unknown>> },
  known: ReadonlyArray<Integration>,
  done: InitProgress,
  refused: Array<Refusal>
) {
  const { config, kind, url } = wanted
  const name = wanted.name ?? freeName(kind.title, [...known, ...done.added])
  const draft = { kind, name, url, config }
  const result = yield* tryOut(ask, draft)
  if (result.ok) {
    const added = yield* connect(ask, draft)
    if (added !== null) done.added.push(added)
  } else {
    const detail = testLines(result, plain)
      .map((line) => line.replace(/^(no|\s*→)\s+/, ""))
      .join(" ")
    refused.push({ kind: kind.id, url, detail })
  }
})
