/** Limits and mode of the disks, from flags or from prompts. Without either, everything stays as it is. */
import type { DiskGroup, DiskGroupPatch, DiskLimits } from "@tendarr/sdk-client"
import { Console, Effect } from "effect"
import { Prompt } from "effect/cli"
import type { Ask } from "../connection/Connection.ts"
import { limitsFrom, parseLimit } from "../LimitArguments.ts"
import { misused } from "../Failure.ts"
import { diskTable, limitsOf, modeSentences } from "../output/Disks.ts"
import { bytes, clean } from "../output/Format.ts"
import type { Style } from "../output/Style.ts"
import { asked } from "../Questions.ts"

export const modes = ["dry-run", "approval", "auto", "sunset"] as const
export type Mode = (typeof modes)[number]

export interface DiskOptions {
  readonly threshold: string | null
  readonly target: string | null
  readonly mode: Mode | null
}

export const noDiskOptions = ({ mode, target, threshold }: DiskOptions): boolean =>
  threshold === null && target === null && mode === null

/** Applies the flags to every disk. */
export const setDisks = Effect.fnUntraced(function* (
  ask: Ask,
  disks: ReadonlyArray<DiskGroup>,
  { mode, target, threshold }: DiskOptions
) {
  return yield* Effect.forEach(disks, (disk) =>
    Effect.gen(function* () {
      const limits =
        threshold === null && target === null ? null : yield* limitsWanted(disk, threshold ?? "", target ?? "")
      return yield* change(ask, disk, limits, mode)
    })
  )
})

/** The limits given by two texts; an empty text leaves its limit as it is. */
export const limitsWanted = Effect.fnUntraced(function* (disk: DiskGroup, threshold: string, target: string) {
  const [from, to] = [threshold, target].map((text) => (text === "" ? null : parseLimit(text)))
  for (const [text, limit] of [
    [threshold, from],
    [target, to]
  ] as const) {
    if (text !== "" && limit === null) {
      return yield* misused(`"${text}" is not a limit; give a percentage such as 85, or free bytes such as 200GiB`)
    }
  }
  const limits = limitsFrom(disk.limits, from ?? null, to ?? null)
  return typeof limits === "string" ? yield* misused(limits) : limits
})

const change = (ask: Ask, disk: DiskGroup, limits: DiskLimits | null, mode: Mode | null) => {
  const body: DiskGroupPatch = {
    ...(limits === null || JSON.stringify(limits) === JSON.stringify(disk.limits) ? {} : { limits }),
    ...(mode === null || mode === disk.mode ? {} : { mode })
  }
  return Object.keys(body).length === 0
    ? Effect.succeed(disk)
    : ask((client) =>
        client.capacity.updateDiskGroup({
          path: { id: disk.id },
          headers: { "if-match": `"${disk.version}"` },
          body
        })
      )
}

export const askDisks = Effect.fnUntraced(function* (
  ask: Ask,
  disks: ReadonlyArray<DiskGroup>,
  options: DiskOptions,
  style: Style,
  width: number | null
) {
  yield* Console.log(diskTable(disks, style, width).join("\n"))
  const limits: ReadonlyArray<DiskLimits | null> =
    options.threshold === null && options.target === null
      ? yield* askLimits(disks)
      : yield* Effect.forEach(disks, (disk) => limitsWanted(disk, options.threshold ?? "", options.target ?? ""))
  const mode = options.mode ?? (yield* askMode(disks, style))
  return yield* Effect.forEach(disks, (disk, index) => change(ask, disk, limits[index] ?? null, mode))
})

const askLimits = Effect.fnUntraced(function* (disks: ReadonlyArray<DiskGroup>) {
  const [first] = disks
  const alike = new Set(disks.map((disk) => limitsOf(disk.limits))).size === 1
  const how =
    first === undefined
      ? "keep"
      : yield* asked(
          Prompt.Select({
            message: "When is a disk too full, and how far should removals bring it down?",
            choices: [
              {
                title: alike ? `Keep ${sentenceOf(first.limits)}` : "Keep the limits as they are",
                value: "keep",
                selected: true
              },
              { title: "The same limits for all disks", value: "all", disabled: disks.length === 1 },
              { title: disks.length === 1 ? "Other limits" : "Separate limits", value: "each" }
            ].filter(({ disabled }) => disabled !== true)
          })
        )
  if (how === "keep" || first === undefined) return disks.map(() => null)
  if (how === "each") return yield* Effect.forEach(disks, askLimitsOf)
  const limits = yield* askLimitsOf(first)
  return disks.map(() => limits)
})

const sentenceOf = (limits: DiskLimits): string =>
  limits.type === "percent"
    ? `${limits.threshold} %: from there down to ${limits.target} %`
    : `${bytes(limits.threshold)} free: from there up to ${bytes(limits.target)} free`

const askLimitsOf = Effect.fnUntraced(function* (disk: DiskGroup) {
  const { limits } = disk
  const words = (value: number) => (limits.type === "percent" ? String(value) : bytes(value))
  const threshold = yield* asked(
    Prompt.String({
      message: `${clean(disk.mountPath)} is too full at (percent, or free bytes such as 200GiB)`,
      default: words(limits.threshold),
      validate: (text) => (parseLimit(text) === null ? Effect.fail("Such as 85, or 200GiB") : Effect.succeed(text))
    })
  )
  const target = yield* asked(
    Prompt.String({
      message: "Bring it down to",
      default: parseLimit(threshold)?.type === limits.type ? words(limits.target) : "",
      validate: (text) => {
        const fitting = limitsFrom(limits, parseLimit(threshold), parseLimit(text))
        return parseLimit(text) === null
          ? Effect.fail("Such as 75, or 400GiB")
          : typeof fitting === "string"
            ? Effect.fail(fitting)
            : Effect.succeed(text)
      }
    })
  )
  return yield* limitsWanted(disk, threshold, target)
})

const askMode = Effect.fnUntraced(function* (disks: ReadonlyArray<DiskGroup>, style: Style) {
  const now = new Set(disks.map(({ mode }) => mode))
  const [only] = now
  const before = now.size === 1 && only !== undefined ? only : "dry-run"
  yield* Console.log(modes.map((mode) => `  ${style.bold(mode.padEnd(8))}  ${modeSentences[mode]}`).join("\n"))
  return yield* asked(
    Prompt.Select<Mode>({
      message: "What may Tendarr do there?",
      choices: modes.map((mode) => ({ title: mode, value: mode, selected: mode === before }))
    })
  )
})
