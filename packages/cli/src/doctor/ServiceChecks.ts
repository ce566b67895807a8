/** Checks that the doctor makes through Tendarr: its applications, disks, facts, jobs, and what prevents removals. */
import type { DiskGroup, Event, Integration, Source, SystemStatus } from "@tendarr/sdk-client"
import { version } from "@tendarr/core/system/Version"
import { Clock, Effect } from "effect"
import type { Ask, Connection } from "../connection/Connection.ts"
import { ago, bytes, count, duration, percent } from "../output/Format.ts"
import { type Check, fail, ok, skipped, warn } from "./Check.ts"

type Problem = Integration["health"]["problems"][number]

/** A larger difference between the clocks makes delays and schedules unpredictable. */
const clockSlackMillis = 60_000
const clockChangeDays = 7
const slowMillis = 2000

export const serviceChecks = Effect.fnUntraced(function* (
  connection: Connection,
  report: (text: string) => Effect.Effect<void>
) {
  const { ask } = connection
  const before = yield* Clock.currentTimeMillis
  const status = yield* ask((client) => client.system.status())
  const now = yield* Clock.currentTimeMillis
  yield* report("asking the integrations")
  return [
    connection.server === null
      ? ok("tendarr", `Opened in this process; no server is running, so schedules and due removals do not start`)
      : ok(
          "tendarr",
          `Answers at ${connection.server} in ${now - before} ms, up ${duration(Date.parse(status.now) - Date.parse(status.startedAt))}`
        ),
    ...(status.version === version
      ? []
      : [
          warn(
            "version",
            `It is ${status.version} on ${status.runtime}, and this command is ${version}`,
            "Use the same version for both."
          )
        ]),
    status.storage.detail === null
      ? ok("storage", "The database accepts writes")
      : fail("storage", status.storage.detail),
    ...clockChecks(Date.parse(status.now), before, now),
    ...(yield* clockSetChecks(ask, now)),
    yield* zoneCheck(ask),
    ...(yield* integrationChecks(ask, now)),
    ...(yield* diskChecks(ask, status)),
    ...(yield* factChecks(ask)),
    ...(yield* nameChecks(ask)),
    ...modeChecks(status),
    ...(yield* jobChecks(ask, connection.server !== null, now))
  ] satisfies ReadonlyArray<Check>
})

/** When the clock was set recently, scheduled times were shifted, and facts may look older or newer than they are. */
const clockSetChecks = Effect.fnUntraced(function* (ask: Ask, now: number) {
  const since = new Date(now - clockChangeDays * 86_400_000).toISOString()
  const latest: Array<Event> = []
  for (const type of ["clock.set-back", "clock.set-forward", "clock.time-unseen"]) {
    const { items } = yield* ask((client) => client.events.list({ query: { type, since, limit: 1 } }))
    latest.push(...items)
  }
  return latest.map(({ at, message }) =>
    warn(
      "clock:set",
      `${message} (${ago(at, now)})`,
      "Once the clock is right, review the scheduled removals: `tendarr removals list`."
    )
  )
})

/** The server's time must lie between request and response, within the slack. */
const clockChecks = (serverTime: number, before: number, after: number): ReadonlyArray<Check> => {
  const off = serverTime < before ? before - serverTime : Math.max(0, serverTime - after)
  return [
    off > clockSlackMillis
      ? warn(
          "clock",
          `The server's clock differs from this machine's by ${duration(off)}`,
          "Synchronise both clocks with a network time server."
        )
      : ok("clock", "The clocks agree")
  ]
}

const zoneCheck = Effect.fnUntraced(function* (ask: Ask) {
  const { value } = yield* ask((client) => client.settings.get({ path: { group: "general" } }))
  const zone = String(value["timeZone"])
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone
  return ok(
    "time-zone",
    `Schedules without a time zone use ${zone}${zone === local ? "" : ` (this machine: ${local})`}`
  )
})

const integrationChecks = Effect.fnUntraced(function* (ask: Ask, now: number) {
  const { items } = yield* ask((client) => client.integrations.list())
  if (items.length === 0)
    return [warn("integrations", "No integration is connected", "`tendarr init` finds applications.")]
  const checks = yield* Effect.forEach(
    items,
    Effect.fnUntraced(function* (integration) {
      if (!integration.enabled) return [skipped(nameOf(integration), `${integration.name} is disabled`)]
      const checked = yield* ask((client) => client.integrations.check({ path: { id: integration.id } })).pipe(
        // A read-only key cannot trigger a check; the last known health is used.
        Effect.catchIf(
          ({ code }) => code === "insufficient-scope",
          () => Effect.succeed(integration)
        )
      )
      const { items: sources } = yield* ask((client) => client.integrations.sources({ path: { id: integration.id } }))
      const others = checked.health.problems.filter(({ code }) => code !== "not-answering")
      return [
        answerCheck(checked),
        ...others.map((problem) => problemCheck(checked, problem, sources, now)),
        ...sources.flatMap((source) => oddCheck(checked, source))
      ]
    }),
    { concurrency: 4 }
  )
  return checks.flat()
})

const nameOf = (integration: Integration): string => `integration:${integration.id}`

const answerCheck = (integration: Integration): Check => {
  const { health, kind, name, url } = integration
  const app = health.appName === null ? kind : `${health.appName} ${health.appVersion ?? ""}`.trim()
  if (health.error !== null) {
    return fail(
      nameOf(integration),
      `${name} (${app}) at ${url}: ${health.error.detail}`,
      health.error.type === "UpstreamUnauthorized"
        ? `\`tendarr integrations edit ${integration.id} --new-key\` sets the right key or token.`
        : health.error.type === "UpstreamUntrusted"
          ? `\`tendarr integrations edit ${integration.id} --address\` sets another address.`
          : "Is it running, and is the address right as seen from Tendarr?"
    )
  }
  if (health.checkedAt === null) return warn(nameOf(integration), `${name} (${app}) has not been checked yet`)
  const millis = health.latencyMillis ?? 0
  return millis > slowMillis
    ? warn(nameOf(integration), `${name} (${app}) answers slowly, in ${millis} ms`)
    : ok(nameOf(integration), `${name} (${app}) answers in ${millis} ms`)
}

/** A problem of an integration that answers; if it is about a reading, its facts are unknown until that succeeds. */
const problemCheck = (
  { id, name }: Integration,
  { code, detail, observation, severity }: Problem,
  sources: ReadonlyArray<Source>,
  now: number
): Check => {
  const check = severity === "error" ? fail : warn
  const readAt = sources.find((source) => source.observation === observation)?.observedAt ?? null
  const read = readAt === null ? "never read" : `last read ${ago(readAt, now)}`
  switch (code) {
    case "read-held":
      return check(
        `source:${id}:${observation}`,
        `${name}: ${detail} (${read})`,
        `\`tendarr integrations confirm-sync ${id}\` lists what would disappear and applies it; if that is not right, use \`discard-sync\`.`
      )
    case "read-failed":
      return check(`source:${id}:${observation}`, `${name}: ${detail} (${read})`, "`tendarr sync` tries again.")
    case "connected-twice":
      return check(
        `integration:${id}:${code}`,
        `${name}: ${detail}`,
        `\`tendarr integrations remove ${id}\` keeps the first; until then, what both report counts twice.`
      )
    case "media-server":
      return check(
        `integration:${id}:${code}`,
        `${name}: ${detail}`,
        `Connect that server, or choose one with \`tendarr integrations edit ${id} --media-server\`.`
      )
    case "key-withheld":
      return check(
        `integration:${id}:${code}`,
        `${name}: ${detail}`,
        `Check its address, then run \`tendarr integrations edit ${id}\` with the key.`
      )
    case "damaged":
      return check(
        `integration:${id}:${code}`,
        `${name}: ${detail}`,
        `\`tendarr integrations edit ${id}\` takes its configuration again, \`PATCH /integrations/${id}\` all of its options.`
      )
    default:
      return check(`integration:${id}:${code}`, `${name}: ${detail}`)
  }
}

/** Records that could not be read completely, by title. */
const oddCheck = ({ id, name }: Integration, { observation, odd: { count: records, told } }: Source) =>
  records === 0
    ? []
    : [
        warn(
          `odd:${id}:${observation}`,
          `${name} (${observation}) returned ${count(records, "record")} that cannot be read: ${[
            ...told.map(({ detail, record }) => `${record}: ${detail}`),
            ...(told.length < records ? [`${records - told.length} more`] : [])
          ].join("; ")}`,
          "Facts that depend on these records are unknown, and their items are left alone. Check these records in the application."
        )
      ]

const diskChecks = Effect.fnUntraced(function* (ask: Ask, { diskGroups }: SystemStatus) {
  const { items: folders } = yield* ask((client) => client.capacity.rootFolders())
  const lost = folders.flatMap(({ detail, integrationId, path, problem }) =>
    problem === null || detail === null
      ? []
      : problem === "unreachable"
        ? [
            fail(
              `root-folder:${integrationId}:${path}`,
              detail,
              "Is the share mounted where the application runs, and can it write there?"
            )
          ]
        : [
            warn(
              `root-folder:${integrationId}:${path}`,
              detail,
              "Let the application see the disk itself, for example by mounting the whole share into its container."
            )
          ]
  )
  if (diskGroups.length === 0) {
    return [
      folders.length === 0
        ? warn("disks", "No disk is known", "`tendarr sync` or `tendarr run` finds them through the integrations.")
        : warn("disks", "No disk is known: the disk of none of the root folders could be determined"),
      ...lost
    ]
  }
  return [...diskGroups.map(diskCheck), ...diskGroups.flatMap(sameDiskChecks), ...lost]
})

/** Each pair is reported once, with the disk that comes first. */
const sameDiskChecks = (
  { id, mayBeSameAs = [], mountPath }: DiskGroup,
  position: number,
  all: ReadonlyArray<DiskGroup>
): ReadonlyArray<Check> =>
  all
    .slice(position + 1)
    .flatMap((other) =>
      mayBeSameAs.includes(other.id)
        ? [
            warn(
              `same-disk:${id}:${other.id}`,
              `${mountPath} and ${other.mountPath} may be one disk: same size, same free space. Only one of them is planned in a run`,
              `\`tendarr disks merge ${id} ${other.id}\` if they are, \`tendarr disks split ${id} ${other.id}\` if they are not.`
            )
          ]
        : []
    )

const diskCheck = (disk: DiskGroup): Check => {
  const name = `disk:${disk.id}`
  const state = `${disk.mountPath} is ${percent(disk.usedPercent)} full, mode ${disk.mode}`
  if (disk.stoppedBecause !== null) {
    return fail(
      name,
      `${state}; stopped: ${disk.stoppedBecause}`,
      `Find the cause, then run \`tendarr disks resume ${disk.id}\`.`
    )
  }
  if (disk.staleSince !== null) {
    return warn(
      name,
      `${state}; no integration has reported it since ${disk.staleSince}`,
      "Is the mount or the integration gone?"
    )
  }
  return ok(name, `${state}${disk.breached ? `, ${bytes(disk.bytesToFree)} to free` : ", within its limits"}`)
}

/** Counts over the first pages, which is enough to name each missing fact. */
const factChecks = Effect.fnUntraced(function* (ask: Ask) {
  const { items, summary } = yield* ask((client) =>
    client.capacity.preview({ query: { status: "undecided", limit: 200 } })
  )
  if (summary.evaluated === 0) return [skipped("facts", "There are no items yet")]
  if (summary.undecided.items === 0) return [ok("facts", `Known for all of ${count(summary.evaluated, "item")}`)]
  const lacking = new Map<string, { items: number; example: string }>()
  for (const { reason, undecidedBecause } of items) {
    for (const fact of undecidedBecause) {
      const before = lacking.get(fact)
      lacking.set(fact, { items: (before?.items ?? 0) + 1, example: before?.example ?? reasonOf(reason, fact) })
    }
  }
  const shown = items.length < summary.undecided.items ? ` of the first ${items.length}` : ""
  return [
    warn(
      "facts",
      `${count(summary.undecided.items, "item")} of ${summary.evaluated} cannot be decided`,
      "They are kept until the facts are known, or the disk group allows them to be unknown."
    ),
    ...[...lacking].map(([fact, { example, items: number }]) =>
      warn(`fact:${fact}`, `Unknown for ${number}${shown}: ${example}`)
    )
  ]
})

/** Why one fact is unknown: the text in parentheses in the part of an item's reason that names it. */
const reasonOf = (reason: string, fact: string): string => {
  const part = reason.split("; ").find((each) => new RegExp(`\\b${fact}\\b`).test(each)) ?? reason
  return /\((.*)\)/.exec(part)?.[1] ?? part
}

/** Rules and protections that refer to a name of a library, a tag or the like which no longer exists. */
const nameChecks = Effect.fnUntraced(function* (ask: Ask) {
  const { items: rules } = yield* ask((client) => client.rules.list())
  const { items: protections } = yield* ask((client) => client.library.protections())
  const checks = [
    ...rules.flatMap(({ id, lostNames, name, warnings }): ReadonlyArray<Check> => [
      ...lostNames.map(({ message }) =>
        warn(
          `rule:${id}`,
          `"${name}": ${message}`,
          `\`tendarr rules edit ${id}\` corrects the name, \`tendarr rules acknowledge ${id}\` stops keeping items by it.`
        )
      ),
      ...warnings.map((warning) => warn(`rule:${id}`, `"${name}": ${warning}`))
    ]),
    ...protections.flatMap(({ collection, id, lostAt }): ReadonlyArray<Check> =>
      lostAt === undefined
        ? []
        : [
            warn(
              `protection:${id}`,
              `The protected collection "${collection ?? ""}" has been missing since ${lostAt}; what was in it stays protected`,
              "Protect the collection by its new name, then remove this protection."
            )
          ]
    )
  ]
  return checks.length > 0 || rules.length === 0
    ? checks
    : [ok("rules", `${count(rules.length, "rule")}, all names exist`)]
})

const modeChecks = ({ deletionsEnabled, diskGroups }: SystemStatus): ReadonlyArray<Check> => {
  const brake = deletionsEnabled
    ? ok("brake", "Off: deletions are enabled")
    : warn(
        "brake",
        "On: deletions are switched off, nothing is removed",
        "Change the setting removals.deletionsEnabled."
      )
  const modes = new Map<string, number>()
  for (const { mode } of diskGroups) modes.set(mode, (modes.get(mode) ?? 0) + 1)
  const summary = [...modes].map(([mode, number]) => `${count(number, "disk")} in ${mode}`).join(", ")
  const full = diskGroups.some(({ breached, mode }) => breached && mode === "dry-run")
  return summary === ""
    ? [brake]
    : [
        brake,
        full
          ? warn(
              "modes",
              `${summary}; a full disk is in dry-run, in which removals stay proposed`,
              "`tendarr disks set DISK --mode approval` once the preview is right."
            )
          : ok("modes", summary)
      ]
}

const jobChecks = Effect.fnUntraced(function* (ask: Ask, served: boolean, now: number) {
  const { items } = yield* ask((client) => client.jobs.list())
  return items.flatMap((job): ReadonlyArray<Check> => {
    const { lastRun } = job
    if (lastRun !== null && lastRun.status !== "completed") {
      const said = lastRun.error === null ? "" : `: ${lastRun.error.message}`
      return [
        warn(
          `job:${job.name}`,
          `Run ${lastRun.id} ended ${lastRun.status} ${ago(lastRun.endedAt ?? lastRun.queuedAt, now)}${said}`,
          `See its log at GET /api/v1/job-runs/${lastRun.id}/logs.`
        )
      ]
    }
    const ran = lastRun === null ? "never ran" : `ran ${ago(lastRun.endedAt ?? lastRun.queuedAt, now)}`
    const next = job.nextRunAt === null ? (served ? "; runs only on request" : "") : `; next ${ago(job.nextRunAt, now)}`
    return [ok(`job:${job.name}`, `${ran}${next}`)]
  })
})
