/** The actions of `tendarr removals`: each for one or many removals, handled separately. */
import type { BulkResult, RemovalsBulkData } from "@tendarr/sdk-client"
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { allRemovals } from "../AllRemovals.ts"
import { type Ask, type Connection, withTendarr } from "../connection/Connection.ts"
import { type CommandFailure, failed, misused } from "../Failure.ts"
import { oneByOne, report } from "../OneByOne.ts"
import { bytes, count, parseSpan } from "../output/Format.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { textFlag, toggle } from "../Root.ts"

const ids = Argument.String("id").pipe(Argument.withDescription("Ids of removals"), Argument.variadic({ min: 1 }))
const idsOrNone = Argument.String("id").pipe(Argument.withDescription("Ids of removals"), Argument.variadic({ min: 0 }))
const choosing = {
  allProposed: toggle("all-proposed", "All proposed removals, after a confirmation"),
  yes: yesFlag
}
const spanHelp = "30m, 12h, 3d, 2w"

export const approve = Command.make("approve", { ids: idsOrNone, ...choosing }, (input) =>
  withChoice("Approve", input, (chosen, connection) =>
    Effect.gen(function* () {
      yield* report("removal", "approved", yield* inBulk(connection.ask, "approve", chosen))
      if (connection.server === null) {
        yield* Console.error(
          "No server is running on this data directory; `tendarr run --wait` carries out what is due."
        )
      }
    })
  )
).pipe(
  Command.withDescription("Approve removals: they are carried out after the delay in the settings"),
  Command.withExamples([{ command: "tendarr removals approve --all-proposed", description: "All of them at once" }])
)

export const reject = Command.make(
  "reject",
  {
    ids: idsOrNone,
    ...choosing,
    until: textFlag("until", "TIME", "Leave the item alone until this time; the default is the snooze in the settings")
  },
  (input) =>
    Effect.flatMap(Effect.transposeOption(Option.map(input.until, timeOf)), (until) =>
      withChoice("Reject", input, (chosen, { ask }) =>
        Effect.flatMap(
          Option.isNone(until)
            ? inBulk(ask, "reject", chosen)
            : oneByOne(chosen, aboutOne, (id) =>
                ask((client) => client.removals.reject({ path: { id }, body: { until: until.value } }))
              ),
          (result) => report("removal", "rejected", result)
        )
      )
    )
).pipe(
  Command.withDescription("Reject removals: the items are left alone for the snooze in the settings, or until a time")
)

export const snooze = Command.make(
  "snooze",
  {
    ids,
    until: textFlag("until", "TIME", "Until this time, for example 2026-12-31T18:00:00Z"),
    for: textFlag("for", "SPAN", `For this long: ${spanHelp}`)
  },
  (input) =>
    Effect.flatMap(oneTime(input.until, input.for, "--until", "--for"), (until) =>
      withTendarr(({ ask }) =>
        Effect.flatMap(
          oneByOne(input.ids, aboutOne, (id) =>
            ask((client) => client.removals.reject({ path: { id }, body: { until } }))
          ),
          (result) => report("removal", "snoozed", result)
        )
      )
    )
).pipe(Command.withDescription("Snooze removals until a time"))

export const reschedule = Command.make(
  "reschedule",
  {
    ids,
    at: textFlag("at", "TIME", "At this time, for example 2026-12-31T18:00:00Z"),
    in: textFlag("in", "SPAN", `After this duration: ${spanHelp}`)
  },
  (input) =>
    Effect.flatMap(oneTime(input.at, input.in, "--at", "--in"), (at) =>
      withTendarr(({ ask }) =>
        Effect.flatMap(
          oneByOne(input.ids, aboutOne, (id) =>
            ask((client) => client.removals.reschedule({ path: { id }, body: { at } }))
          ),
          (result) => report("removal", "rescheduled", result)
        )
      )
    )
).pipe(Command.withDescription("Reschedule removals"))

const bulkStep = (action: BulkAction, done: string, description: string) =>
  Command.make(action, { ids }, (input) =>
    withTendarr(({ ask }) =>
      Effect.flatMap(inBulk(ask, action, input.ids), (result) => report("removal", done, result))
    )
  ).pipe(Command.withDescription(description))

export const cancel = bulkStep(
  "cancel",
  "cancelled",
  "Cancel removals permanently: the items are not planned again until they are released"
)
export const release = bulkStep("release", "released", "Release cancelled removals: the items may be planned again")
export const unsnooze = bulkStep(
  "unsnooze",
  "back among the proposals",
  "End a snooze: the removal is proposed again immediately"
)
export const retry = bulkStep("retry", "retried", "Retry failed removals")

const monitor = toggle(
  "monitor",
  "Set items to monitored again, including those that were not monitored when they were removed"
)

export const restore = Command.make("restore", { ids, monitor }, (input) =>
  withTendarr(({ ask }) =>
    Effect.flatMap(
      oneByOne(input.ids, aboutOne, (id) =>
        ask((client) => client.removals.restore({ path: { id }, query: { monitor: input.monitor } }))
      ),
      (result) => report("removal", "restored", result)
    )
  )
).pipe(Command.withDescription("Undo removals: add the items again, search for them, and protect them"))

type BulkAction = RemovalsBulkData["body"]["action"]

/** The maximum number of ids that the API accepts at once. */
const chunk = 1000

const inBulk = Effect.fnUntraced(function* (ask: Ask, action: BulkAction, chosen: ReadonlyArray<string>) {
  const succeeded: Array<string> = []
  const beyondRecall: Array<string> = []
  const refused: Array<BulkResult["failed"][number]> = []
  for (let start = 0; start < chosen.length; start += chunk) {
    const result = yield* ask((client) =>
      client.removals.bulk({ body: { action, ids: chosen.slice(start, start + chunk) } })
    )
    succeeded.push(...result.succeeded)
    beyondRecall.push(...result.beyondRecall)
    refused.push(...result.failed)
  }
  return { succeeded, beyondRecall, failed: refused } satisfies BulkResult
})

const aboutOne: ReadonlySet<string> = new Set([
  "removal-not-found",
  "removal-state-conflict",
  "removal-beyond-recall",
  "restore-failed"
])

interface Choice {
  readonly ids: ReadonlyArray<string>
  readonly allProposed: boolean
  readonly yes: boolean
}

/** Applies an action to the named removals, or to all proposed ones after confirmation. */
const withChoice = <A, E, R>(
  verb: string,
  choice: Choice,
  step: (chosen: ReadonlyArray<string>, connection: Connection) => Effect.Effect<A, E, R>
) =>
  choice.allProposed === choice.ids.length > 0
    ? Effect.fail(misused("Give either ids of removals or --all-proposed"))
    : withTendarr((connection) =>
        Effect.gen(function* () {
          const chosen = choice.allProposed ? yield* allProposed(connection.use, verb, choice.yes) : choice.ids
          return yield* step(chosen, connection)
        })
      )

const allProposed = Effect.fnUntraced(function* (use: Connection["use"], verb: string, yes: boolean) {
  const proposed = yield* allRemovals(use, { state: "proposed" })
  if (proposed.length === 0) return yield* failed("Nothing is proposed", "nothing-proposed")
  const size = proposed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  yield* confirm(`${verb} ${count(proposed.length, "removal")} of ${bytes(size)}?`, yes)
  return proposed.map(({ id }) => id)
})

const timeOf = (text: string): Effect.Effect<string, CommandFailure> =>
  Number.isNaN(Date.parse(text))
    ? Effect.fail(misused(`"${text}" is not a time; give one such as 2026-12-31T18:00:00Z`))
    : Effect.succeed(new Date(text).toISOString())

/** The time from one of the two flags. */
const oneTime = Effect.fnUntraced(function* (
  at: Option.Option<string>,
  span: Option.Option<string>,
  atFlag: string,
  spanFlag: string
) {
  if (Option.isSome(at) === Option.isSome(span)) return yield* misused(`Give either ${atFlag} or ${spanFlag}`)
  if (Option.isSome(at)) return yield* timeOf(at.value)
  const text = Option.getOrElse(span, () => "")
  const millis = parseSpan(text)
  if (millis === null) return yield* misused(`"${text}" is not a duration; give one such as ${spanHelp}`)
  return new Date((yield* Clock.currentTimeMillis) + millis).toISOString()
})
