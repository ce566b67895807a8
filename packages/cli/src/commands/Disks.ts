/** `tendarr disks`: the disks, their limits, and what Tendarr may do on each. */
import type { DiskGroup, DiskGroupPatch, UsagePoint } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { limitsFrom, parseLimit } from "../LimitArguments.ts"
import { misused } from "../Failure.ts"
import { diskTable, limitsOf, modeSentences } from "../output/Disks.ts"
import { ago, bytes, clean, parseBytes, percent } from "../output/Format.ts"
import { graph } from "../output/Graph.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, textFlag } from "../Root.ts"
import { diskGroupsNamed } from "../Selection.ts"

const modes = ["dry-run", "approval", "auto", "sunset"] as const
const graphHeight = 10
const graphWidth = 60

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.capacity.diskGroups())
      const folders = yield* ask((client) => client.capacity.rootFolders())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const without = folders.items.flatMap(({ detail }) => (detail === null ? [] : [style.warn(clean(detail))]))
      yield* answer(found, () => [
        ...(found.items.length > 0
          ? diskTable(found.items, style, width)
          : [without.length > 0 ? "None" : "None found yet; `tendarr sync` looks for them"]),
        ...without
      ])
    })
  )
).pipe(Command.withDescription("List the disks with their limits and modes"))

const show = Command.make(
  "show",
  {
    disk: Argument.String("disk").pipe(Argument.withDescription("Id or mount path")),
    resolution: Flag.Literals("resolution", ["raw", "hour", "day", "week"]).pipe(
      Flag.withDescription("For the graph: each reading, or the fullest of each interval"),
      Flag.withDefault("raw")
    )
  },
  ({ disk, resolution }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const [named] = yield* diskGroupsNamed(ask, [disk])
        const id = named?.id ?? disk
        const found = yield* ask((client) => client.capacity.diskGroup({ path: { id } }))
        const { items: usage } = yield* ask((client) =>
          client.capacity.usage({ path: { id }, query: { resolution, limit: 1000 } })
        )
        const style = yield* currentStyle
        const now = yield* Clock.currentTimeMillis
        yield* answer(found, () => diskLines(found, usage, style, now))
      })
    )
).pipe(Command.withDescription("Show one disk with its usage over time"))

const diskLines = (
  disk: DiskGroup,
  usage: ReadonlyArray<UsagePoint>,
  style: Style,
  now: number
): ReadonlyArray<string> => {
  const capacity = disk.totalBytesOverride ?? disk.totalBytes
  const mark = disk.limits.type === "percent" ? disk.limits.threshold : 100 - (disk.limits.threshold / capacity) * 100
  const first = usage[0]
  return [
    `${style.bold(clean(disk.mountPath))}, disk ${disk.id}: ${(disk.breached ? style.bad : style.good)(
      `${percent(disk.usedPercent)} full`
    )}, ${bytes(disk.freeBytes)} free of ${bytes(capacity)}${
      disk.totalBytesOverride === null ? "" : ` (set by hand; the mount has ${bytes(disk.totalBytes)})`
    }`,
    `Limits ${limitsOf(disk.limits)}${disk.breached ? `: ${bytes(disk.bytesToFree)} to free` : ""}`,
    `Mode ${disk.mode}: ${modeSentences[disk.mode]}`,
    ...(disk.allowedUnknown.length === 0 ? [] : [`May be unknown here: ${disk.allowedUnknown.join(", ")}`]),
    `Read ${ago(disk.readAt, now)} through ${
      disk.integrations.map(({ id, reportedPath }) => `integration ${id} (${clean(reportedPath)})`).join(", ") || "none"
    }`,
    ...(disk.merged === undefined || disk.merged.length === 0
      ? []
      : [`The same disk under ${disk.merged.map(({ id, mountPath }) => `${clean(mountPath)} (${id})`).join(", ")}`]),
    ...(disk.mayBeSameAs ?? []).map((other) => style.warn(mayBeSame(disk.id, other))),
    ...(disk.staleSince === null ? [] : [style.warn(`No integration has reported it since ${disk.staleSince}`)]),
    ...(disk.stoppedBecause === null
      ? []
      : [style.bad(`Stopped: ${clean(disk.stoppedBecause)}. \`tendarr disks resume ${disk.id}\` resumes planning.`)]),
    "",
    ...(first === undefined
      ? ["Its usage has not been recorded yet"]
      : [
          ...graph(
            usage.map(({ totalBytes, usedBytes }) => (totalBytes === 0 ? 0 : (usedBytes / totalBytes) * 100)),
            { width: graphWidth, height: graphHeight, mark }
          ),
          `       from ${ago(first.at, now)} to now, ┄ the threshold`
        ])
  ]
}

const mayBeSame = (id: string, other: string): string =>
  `May be the same disk as ${other}, so only one of them is planned. Run \`tendarr disks merge ${id} ${other}\` if they are the same, \`tendarr disks split ${id} ${other}\` if not.`

const disksArgument = Argument.String("disk").pipe(
  Argument.withDescription("Ids or mount paths"),
  Argument.variadic({ min: 1 })
)

const set = Command.make(
  "set",
  {
    disks: disksArgument,
    threshold: textFlag(
      "threshold",
      "LIMIT",
      "Threshold at which the disk is too full: a percentage such as 85, or free bytes such as 200GiB"
    ),
    target: textFlag(
      "target",
      "LIMIT",
      "Target to reach by removals: a percentage such as 75, or free bytes such as 400GiB"
    ),
    mode: Flag.Literals("mode", modes).pipe(
      Flag.withDescription(modes.map((mode) => `${mode}: ${modeSentences[mode]}`).join(". ")),
      Flag.optional
    ),
    capacity: textFlag("capacity", "SIZE", "Treat the disk as this large, or `whole` for the size of the mount"),
    allowUnknown: Flag.String("allow-unknown").pipe(
      Flag.withMetavar("FACT"),
      Flag.withDescription("Allow removals although this fact is unknown, such as lastPlayedAt; may be repeated"),
      Flag.atLeast(0)
    ),
    require: Flag.String("require").pipe(
      Flag.withMetavar("FACT"),
      Flag.withDescription("Withdraw such an allowance; may be repeated"),
      Flag.atLeast(0)
    ),
    yes: yesFlag
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const disks = yield* diskGroupsNamed(ask, input.disks)
        const patches = yield* Effect.forEach(disks, (disk) => patchOf(disk, input))
        const mode = Option.getOrNull(input.mode)
        if (mode === "auto" || mode === "sunset") {
          yield* confirm(`In mode ${mode} Tendarr ${modeSentences[mode]}. Set it?`, input.yes)
        }
        const items = yield* Effect.forEach(disks, ({ id, version }, index) =>
          ask((client) =>
            client.capacity.updateDiskGroup({
              path: { id },
              headers: { "if-match": `"${version}"` },
              body: patches[index] ?? {}
            })
          )
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer({ items }, () => diskTable(items, style, width))
      })
    )
).pipe(
  Command.withDescription("Set limits, mode, capacity, and which facts may be unknown"),
  Command.withExamples([
    { command: "tendarr disks set /data/movies --threshold 85 --target 75", description: "Percentages of the disk" },
    { command: "tendarr disks set 1 2 --threshold 200GiB --target 400GiB", description: "Free bytes, for two disks" },
    { command: "tendarr disks set /data/movies --mode approval", description: "Remove only what is approved" }
  ])
)

interface Changes {
  readonly threshold: Option.Option<string>
  readonly target: Option.Option<string>
  readonly mode: Option.Option<(typeof modes)[number]>
  readonly capacity: Option.Option<string>
  readonly allowUnknown: ReadonlyArray<string>
  readonly require: ReadonlyArray<string>
}

type FactName = DiskGroup["allowedUnknown"][number]

const patchOf = Effect.fnUntraced(function* (disk: DiskGroup, changes: Changes) {
  const patch: DiskGroupPatch = {}
  if (Option.isSome(changes.threshold) || Option.isSome(changes.target)) {
    const threshold = yield* limitOf(changes.threshold)
    const target = yield* limitOf(changes.target)
    const limits = limitsFrom(disk.limits, threshold, target)
    if (typeof limits === "string") {
      return yield* misused(limits, `${disk.mountPath} now has ${limitsOf(disk.limits)}.`)
    }
    patch.limits = limits
  }
  if (Option.isSome(changes.mode)) patch.mode = changes.mode.value
  if (Option.isSome(changes.capacity)) {
    const size = changes.capacity.value === "whole" ? null : parseBytes(changes.capacity.value)
    if (size === null && changes.capacity.value !== "whole") {
      return yield* misused(`"${changes.capacity.value}" is not a size; give one such as 4TiB, or whole`)
    }
    patch.totalBytesOverride = size
  }
  if (changes.allowUnknown.length > 0 || changes.require.length > 0) {
    const { factNames } = yield* Effect.promise(() => import("@tendarr/core/library/ItemFacts"))
    const isFact = (name: string): name is FactName => factNames.some((fact) => fact === name)
    const facts = yield* Effect.forEach([...changes.allowUnknown, ...changes.require], (name) =>
      isFact(name)
        ? Effect.succeed(name)
        : Effect.fail(misused(`There is no fact "${name}"`, `There are: ${factNames.join(", ")}`))
    )
    const allowed = new Set([...disk.allowedUnknown, ...facts.slice(0, changes.allowUnknown.length)])
    for (const fact of facts.slice(changes.allowUnknown.length)) allowed.delete(fact)
    patch.allowedUnknown = [...allowed]
  }
  if (Object.keys(patch).length === 0) {
    return yield* misused("No change was given", "See `tendarr disks set --help`.")
  }
  return patch
})

const limitOf = (text: Option.Option<string>) => {
  if (Option.isNone(text)) return Effect.succeed(null)
  const limit = parseLimit(text.value)
  return limit === null
    ? Effect.fail(misused(`"${text.value}" is not a limit; give a percentage such as 85, or free bytes such as 200GiB`))
    : Effect.succeed(limit)
}

const resume = Command.make("resume", { disks: disksArgument }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const disks = yield* diskGroupsNamed(ask, input.disks)
      const items = yield* Effect.forEach(disks, ({ id }) => ask((client) => client.capacity.resume({ path: { id } })))
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer({ items }, () => diskTable(items, style, width))
    })
  )
).pipe(Command.withDescription("Resume planning on a disk that was stopped because removals freed no space"))

const pair = {
  disk: Argument.String("disk").pipe(Argument.withDescription("Id or mount path of the disk whose settings apply")),
  other: Argument.String("other").pipe(Argument.withDescription("Id or mount path of the other"))
}

const merge = Command.make("merge", pair, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const [disk, other] = yield* diskGroupsNamed(ask, [input.disk, input.other])
      const merged = yield* ask((client) =>
        client.capacity.merge({ path: { id: disk?.id ?? input.disk }, body: { diskGroupId: other?.id ?? input.other } })
      )
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(merged, () => diskTable([merged], style, width))
    })
  )
).pipe(
  Command.withDescription("Declare that two mounts are one disk: from then on they are ranked and planned together"),
  Command.withExamples([
    { command: "tendarr disks merge /movies /tv", description: "/tv is the disk of /movies under another name" }
  ])
)

const split = Command.make("split", pair, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { items } = yield* ask((client) => client.capacity.diskGroups())
      const members = items.flatMap(({ id, merged = [], mountPath }) => [{ id, mountPath }, ...merged])
      const idOf = (named: string) =>
        members.find(({ id, mountPath }) => id === named || mountPath === named)?.id ?? named
      const named = [idOf(input.disk), idOf(input.other)]
      // Of two merged disks, the one that represents both.
      const group = items.find(({ id }) => named.includes(id))?.id ?? named[0] ?? input.disk
      const other = named.find((id) => id !== group) ?? group
      yield* ask((client) => client.capacity.split({ path: { id: group }, body: { diskGroupId: other } }))
      const after = yield* ask((client) => client.capacity.diskGroups())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(after, () => diskTable(after.items, style, width))
    })
  )
).pipe(
  Command.withDescription("Declare that two mounts are different disks: undoes a merge, or dismisses a suspected one")
)

export const disks = Command.make("disks").pipe(
  Command.withDescription("Disks: usage, limits, modes"),
  Command.withSubcommands([list, show, set, resume, merge, split])
)
