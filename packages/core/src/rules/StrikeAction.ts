/** What a rule about downloads does with those that it matches: strikes, and what follows the last one. */
import { Effect, Schema } from "effect"

/** Strikes before anything is done, unless the rule says otherwise. */
export const defaultStrikes = 3
/** The most that a rule can wait for. */
export const mostStrikes = 50
/** Minutes between two strikes, unless the rule says otherwise. */
export const defaultMinutesBetween = 10

export const StrikeAction = Schema.Struct({
  type: Schema.Literal("strike"),
  strikes: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostStrikes })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultStrikes)),
    Schema.annotateKey({ description: "Number of strikes after which the download is removed, or reported." })
  ),
  minutesBetween: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_080 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultMinutesBetween)),
    Schema.annotateKey({
      description: "Minutes that must pass between two strikes, however often the rules are run and whoever starts it."
    })
  ),
  resetOnProgress: Schema.Boolean.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(true)),
    Schema.annotateKey({ description: "Whether progress of the download takes its strikes away." })
  ),
  alsoFaultOf: Schema.optionalKey(Schema.Array(Schema.Literals(["person", "nobody"]))).annotate({
    description:
      "By default only faults of the release itself earn strikes. Names whose faults do so too: `person`, what somebody should look at, such as an import that needs help; `nobody`, what cannot be told. Faults of the environment, and downloads that only wait, never do."
  }),
  action: Schema.Literals(["remove", "report"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("remove" as const)),
    Schema.annotateKey({
      description: "What follows the last strike: it is removed from the queue and from its client, or only reported."
    })
  ),
  blocklist: Schema.Boolean.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(true)),
    Schema.annotateKey({ description: "Whether its release is put on the blocklist, so that it is not fetched again." })
  ),
  search: Schema.Boolean.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(true)),
    Schema.annotateKey({ description: "Whether another release is searched for afterwards." })
  ),
  keepPrivate: Schema.Boolean.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(true)),
    Schema.annotateKey({
      description:
        "Whether a torrent of a private tracker stays in its client, and only leaves the queue. One of which that is not known counts as private."
    })
  )
}).annotate({
  identifier: "StrikeAction",
  description: "Strikes downloads that match, and removes them after the last."
})
export type StrikeAction = typeof StrikeAction.Type
