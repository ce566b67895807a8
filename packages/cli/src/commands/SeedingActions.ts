/** The flags for what rules about seeding do: goals, what is owed to trackers, and what is set in clients. */
import type { NewRule } from "@tendarr/sdk-client"
import { Option } from "effect"
import { Flag } from "effect/cli"
import { choice, textFlag } from "../Root.ts"

type Action = NonNullable<NewRule["action"]>
type Seeding = Action & { readonly type: "seed" | "hit-and-run" | "arrange" }

const number = (name: string, metavar: string, description: string) =>
  Flag.Finite(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const whole = (name: string, metavar: string, description: string) =>
  Flag.Int(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

export const seedingFlags = {
  ratio: number(
    "ratio",
    "N",
    "With --act seed, hit-and-run or arrange: ratio of the goal, that is owed, or that is set"
  ),
  minHours: number("min-hours", "N", "With --act seed: hours of seeding before which the goal is never reached"),
  maxHours: number("max-hours", "N", "With --act seed: hours of seeding at which the goal is reached"),
  needs: Flag.Literals("needs", ["any", "all"]).pipe(
    Flag.withDescription(
      "With --act seed or hit-and-run: whether ratio or hours are enough, or both are needed (default any for a goal, all for hit-and-run)"
    ),
    Flag.optional
  ),
  // What happens once the goal is reached.
  reached: Flag.Literals("then", ["remove", "remove-with-data", "pause", "category", "tag", "nothing"]).pipe(
    Flag.withDescription("With --act seed: what happens once the goal is reached (default nothing)"),
    Flag.optional
  ),
  owedHours: number("owed-hours", "N", "With --act hit-and-run: hours of seeding that the tracker asks for"),
  marginHours: number("margin-hours", "N", "With --act hit-and-run: hours on top of that (default 1)"),
  fromPercent: number(
    "from-percent",
    "N",
    "With --act hit-and-run: below this part of it, nothing is owed (default 10)"
  ),
  partialRatio: number("partial-ratio", "N", "With --act hit-and-run: ratio that is owed for a part of it (default 1)"),
  seedingHours: number("seeding-hours", "N", "With --act arrange: limit of the seeding time in the client"),
  inactiveHours: number("inactive-hours", "N", "With --act arrange: limit of the time without activity in the client"),
  downKibps: whole("down-kibps", "N", "With --act arrange: limit of its download speed, KiB per second"),
  upKibps: whole("up-kibps", "N", "With --act arrange: limit of its upload speed, KiB per second"),
  category: textFlag("category", "NAME", "With --act arrange, or seed and --then category: move it to this category"),
  tags: Flag.String("tag").pipe(
    Flag.withMetavar("TAG"),
    Flag.withDescription("With --act arrange, or seed and --then tag: give it this tag in its client; may be repeated"),
    Flag.atLeast(0)
  ),
  queue: whole("queue", "N", "With --act arrange: place in the queue of the client, 1 to 100; higher ones come first"),
  mayMove: choice("may-move", "With a category: its client may move its data (default no)"),
  mayRemove: choice("may-remove", "With --act arrange: its client may remove it at such a limit (default no)")
}

export interface SeedingFlags {
  readonly ratio: Option.Option<number>
  readonly minHours: Option.Option<number>
  readonly maxHours: Option.Option<number>
  readonly needs: Option.Option<"any" | "all">
  readonly reached: Option.Option<"remove" | "remove-with-data" | "pause" | "category" | "tag" | "nothing">
  readonly owedHours: Option.Option<number>
  readonly marginHours: Option.Option<number>
  readonly fromPercent: Option.Option<number>
  readonly partialRatio: Option.Option<number>
  readonly seedingHours: Option.Option<number>
  readonly inactiveHours: Option.Option<number>
  readonly downKibps: Option.Option<number>
  readonly upKibps: Option.Option<number>
  readonly category: Option.Option<string>
  readonly tags: ReadonlyArray<string>
  readonly queue: Option.Option<number>
  readonly mayMove: Option.Option<boolean>
  readonly mayRemove: Option.Option<boolean>
}

const actionsOf: Readonly<Record<keyof SeedingFlags, readonly [name: string, of: ReadonlyArray<Seeding["type"]>]>> = {
  ratio: ["ratio", ["seed", "hit-and-run", "arrange"]],
  minHours: ["min-hours", ["seed"]],
  maxHours: ["max-hours", ["seed"]],
  needs: ["needs", ["seed", "hit-and-run"]],
  reached: ["then", ["seed"]],
  owedHours: ["owed-hours", ["hit-and-run"]],
  marginHours: ["margin-hours", ["hit-and-run"]],
  fromPercent: ["from-percent", ["hit-and-run"]],
  partialRatio: ["partial-ratio", ["hit-and-run"]],
  seedingHours: ["seeding-hours", ["arrange"]],
  inactiveHours: ["inactive-hours", ["arrange"]],
  downKibps: ["down-kibps", ["arrange"]],
  upKibps: ["up-kibps", ["arrange"]],
  category: ["category", ["seed", "arrange"]],
  tags: ["tag", ["seed", "arrange"]],
  queue: ["queue", ["arrange"]],
  mayMove: ["may-move", ["seed", "arrange"]],
  mayRemove: ["may-remove", ["arrange"]]
}

/** The flags that are given, with the actions that they belong to. */
export const seedingFlagsGiven = (flags: SeedingFlags) =>
  (Object.keys(actionsOf) as ReadonlyArray<keyof SeedingFlags>).flatMap((key) => {
    const isGiven = key === "tags" ? flags.tags.length > 0 : Option.isSome<unknown>(flags[key])
    const [name, of] = actionsOf[key]
    return isGiven ? [{ name, of }] : []
  })

/** A key with the value of a flag, if it is given. */
const part = <K extends string, A>(key: K, flag: Option.Option<A>): { readonly [P in K]?: A } =>
  Option.isSome(flag) ? ({ [key]: flag.value } as { readonly [P in K]: A }) : {}

export const seedingActionOf = (type: Seeding["type"], flags: SeedingFlags): Action => {
  const tags = flags.tags.length === 0 ? {} : { tags: [...flags.tags] }
  switch (type) {
    case "seed":
      return {
        type,
        ...part("ratio", flags.ratio),
        ...part("minimumHours", flags.minHours),
        ...part("maximumHours", flags.maxHours),
        ...part("needs", flags.needs),
        ...part("reached", flags.reached),
        ...part("category", flags.category),
        ...tags,
        ...part("mayMove", flags.mayMove)
      }
    case "hit-and-run":
      return {
        type,
        ...part("ratio", flags.ratio),
        ...part("hours", flags.owedHours),
        ...part("needs", flags.needs),
        ...part("marginHours", flags.marginHours),
        ...part("fromPercent", flags.fromPercent),
        ...part("partialRatio", flags.partialRatio)
      }
    case "arrange": {
      const limits = {
        ...part("ratio", flags.ratio),
        ...part("seedingHours", flags.seedingHours),
        ...part("inactiveHours", flags.inactiveHours),
        ...part("downKibps", flags.downKibps),
        ...part("upKibps", flags.upKibps)
      }
      return {
        type,
        ...(Object.keys(limits).length === 0 ? {} : { limits }),
        ...part("category", flags.category),
        ...tags,
        ...part("queue", flags.queue),
        ...part("mayMove", flags.mayMove),
        ...part("mayRemove", flags.mayRemove)
      }
    }
  }
}

const named = (value: number | undefined, text: (value: number) => string): ReadonlyArray<string> =>
  value === undefined ? [] : [text(value)]

export const seedingActionText = (action: Seeding): string => {
  switch (action.type) {
    case "seed": {
      const { category, maximumHours, minimumHours, needs = "any", ratio, reached = "nothing", tags = [] } = action
      const goal = [...named(ratio, (value) => `ratio ${value}`), ...named(maximumHours, (value) => `${value} h`)]
      const what =
        reached === "category" ? `category ${category}` : reached === "tag" ? `+${tags.join(", +")}` : reached
      return [
        `${what} at ${goal.join(needs === "all" ? " and " : " or ")}`,
        ...named(minimumHours, (value) => `after at least ${value} h`)
      ].join(", ")
    }
    case "hit-and-run": {
      const { hours, marginHours = 1, needs = "all", ratio } = action
      const owed = [
        ...named(ratio, (value) => `ratio ${value}`),
        ...named(hours, (value) => `${value} h + ${marginHours} h`)
      ]
      return `keep until ${owed.join(needs === "all" ? " and " : " or ")}`
    }
    case "arrange": {
      const { category, limits = {}, queue, tags = [] } = action
      return [
        ...named(limits.ratio, (value) => `ratio limit ${value}`),
        ...named(limits.seedingHours, (value) => `seeding limit ${value} h`),
        ...named(limits.inactiveHours, (value) => `inactivity limit ${value} h`),
        ...named(limits.downKibps, (value) => `down ${value} KiB/s`),
        ...named(limits.upKibps, (value) => `up ${value} KiB/s`),
        ...(category === undefined ? [] : [`category ${category}`]),
        ...tags.map((tag) => `+${tag}`),
        ...named(queue, (value) => `queue ${value}`)
      ].join(", ")
    }
  }
}
