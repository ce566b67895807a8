/**
 * What rules about downloads do about seeding: a goal and what follows it, what is owed to a tracker, and what is set in
 * the client. Ratios are uploaded by downloaded bytes, times are hours, speeds are KiB per second.
 */
import { Effect, Schema } from "effect"

const Ratio = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 9_000 }))
/** Ten years. */
const Hours = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 87_600 }))
const Speed = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000_000 }))
const Name = Schema.Trim.check(Schema.isBetweenLength(1, 120))
const Tags = Schema.Array(
  Schema.Trim.check(Schema.isBetweenLength(1, 60), Schema.isPattern(/^[^,]+$/, { message: "contains no comma" }))
).check(Schema.isBetweenLength(1, 20))

const needs = ["any", "all"] as const
export const seedOutcomes = ["remove", "remove-with-data", "pause", "category", "tag", "nothing"] as const
export type SeedOutcome = (typeof seedOutcomes)[number]

/** Minutes are not enough: a tracker that counts an hour less than the client must not be undercut. */
export const defaultMarginHours = 1
export const defaultFromPercent = 10
export const defaultPartialRatio = 1

export const SeedAction = Schema.Struct({
  type: Schema.Literal("seed"),
  ratio: Schema.optionalKey(Ratio).annotate({ description: "Ratio at which the goal is reached." }),
  maximumHours: Schema.optionalKey(Hours).annotate({
    description: "Hours of seeding, as the client counts them, at which the goal is reached."
  }),
  minimumHours: Schema.optionalKey(Hours).annotate({
    description:
      "Hours of seeding before which the goal is never reached, whatever the ratio: those that the client and Tendarr have both seen."
  }),
  needs: Schema.Literals(needs).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("any" as const)),
    Schema.annotateKey({ description: "Whether one of `ratio` and `maximumHours` is enough, or both are needed." })
  ),
  reached: Schema.Literals(seedOutcomes).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("nothing" as const)),
    Schema.annotateKey({
      description:
        "What happens then: it is removed from its client, with or without its data, paused, moved to `category`, given `tags`, or nothing."
    })
  ),
  category: Schema.optionalKey(Name).annotate({ description: "For `category`: the category that it is moved to." }),
  tags: Schema.optionalKey(Tags).annotate({ description: "For `tag`: the tags that it is given." }),
  mayMove: Schema.optionalKey(Schema.Boolean).annotate({
    description: "For `category`: whether its client may move its data, or do whatever else it does about a category."
  })
})
  .check(
    Schema.makeFilter(({ category, maximumHours, mayMove, minimumHours, needs: need, ratio, reached, tags }) => {
      if (ratio === undefined && maximumHours === undefined) {
        return { path: ["ratio"], issue: "is missing: a goal needs ratio or maximumHours, or it is never reached" }
      }
      if (need === "all" && (ratio === undefined || maximumHours === undefined)) {
        return { path: ["needs"], issue: "is all, so both ratio and maximumHours are needed" }
      }
      if (minimumHours !== undefined && maximumHours !== undefined && minimumHours > maximumHours) {
        return { path: ["minimumHours"], issue: "is more than maximumHours" }
      }
      if ((reached === "category") !== (category !== undefined)) {
        return { path: ["category"], issue: "goes with reached = category, and only with it" }
      }
      if ((reached === "tag") !== (tags !== undefined)) {
        return { path: ["tags"], issue: "goes with reached = tag, and only with it" }
      }
      if (mayMove !== undefined && reached !== "category") {
        return { path: ["mayMove"], issue: "goes with reached = category, and only with it" }
      }
      return undefined
    })
  )
  .annotate({
    identifier: "SeedAction",
    description: "A goal of seeding, and what happens once it is reached. Of several that match, the first decides."
  })
export type SeedAction = typeof SeedAction.Type

export const HitAndRunAction = Schema.Struct({
  type: Schema.Literal("hit-and-run"),
  ratio: Schema.optionalKey(Ratio).annotate({ description: "Ratio that the tracker asks for." }),
  hours: Schema.optionalKey(Hours).annotate({ description: "Hours of seeding that the tracker asks for." }),
  needs: Schema.Literals(needs).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("all" as const)),
    Schema.annotateKey({
      description: "Whether one of `ratio` and `hours` is enough for the tracker, or it asks for both."
    })
  ),
  marginHours: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 168 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultMarginHours)),
    Schema.annotateKey({ description: "Hours on top of `hours`: trackers count later than clients." })
  ),
  fromPercent: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultFromPercent)),
    Schema.annotateKey({ description: "Percent of a download below which nothing is owed for it." })
  ),
  partialRatio: Ratio.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(defaultPartialRatio)),
    Schema.annotateKey({ description: "Ratio that is owed for a download that is not complete." })
  )
})
  .check(
    Schema.makeFilter(({ hours, needs: need, ratio }) =>
      ratio === undefined && hours === undefined
        ? { path: ["hours"], issue: "is missing: hours or ratio is needed, or nothing is owed" }
        : need === "any" && (ratio === undefined || hours === undefined)
          ? { path: ["needs"], issue: "is any, so both ratio and hours are needed" }
          : undefined
    )
  )
  .annotate({
    identifier: "HitAndRunAction",
    description:
      "What is owed to a tracker. Until it is met, no removal, pause or limit of Tendarr ends the seeding. All that match apply."
  })
export type HitAndRunAction = typeof HitAndRunAction.Type

const LimitParts = Schema.Struct({
  ratio: Schema.optionalKey(Ratio),
  seedingHours: Schema.optionalKey(Hours),
  inactiveHours: Schema.optionalKey(Hours),
  downKibps: Schema.optionalKey(Speed),
  upKibps: Schema.optionalKey(Speed)
}).annotate({
  identifier: "DownloadLimits",
  description: "Ratio, hours, and KiB per second. What is not given stays as it is."
})

export const ArrangeAction = Schema.Struct({
  type: Schema.Literal("arrange"),
  limits: Schema.optionalKey(LimitParts).annotate({
    description:
      "Limits that its client is given while the rule matches. What a person has set is respected; afterwards, what was there before is restored."
  }),
  category: Schema.optionalKey(Name).annotate({ description: "The category that it is moved to, once." }),
  tags: Schema.optionalKey(Tags).annotate({ description: "Tags that it has while the rule matches." }),
  queue: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))).annotate({
    description: "Its place in the queue of its client: higher numbers come first, before those without one."
  }),
  mayMove: Schema.optionalKey(Schema.Boolean).annotate({
    description: "With `category`: whether its client may move its data, or do whatever else it does about a category."
  }),
  mayRemove: Schema.optionalKey(Schema.Boolean).annotate({
    description: "With `limits`: whether its client may remove it, or its data, by itself when it reaches such a limit."
  })
})
  .check(
    Schema.makeFilter(({ category, limits, mayMove, mayRemove, queue, tags }) => {
      const isEmpty = limits === undefined || Object.values(limits).every((value) => value === undefined)
      if (isEmpty && category === undefined && tags === undefined && queue === undefined) {
        return { path: ["limits"], issue: "is missing: limits, category, tags or queue is needed" }
      }
      if (mayMove !== undefined && category === undefined) return { path: ["mayMove"], issue: "needs a category" }
      return mayRemove !== undefined && isEmpty ? { path: ["mayRemove"], issue: "needs limits" } : undefined
    })
  )
  .annotate({
    identifier: "ArrangeAction",
    description:
      "Limits, category, tags and place in the queue in the client. Of several that set the same, the first that matches decides."
  })
export type ArrangeAction = typeof ArrangeAction.Type

export const SeedingAction = Schema.Union([SeedAction, HitAndRunAction, ArrangeAction])
