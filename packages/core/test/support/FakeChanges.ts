/** The changes of entries that the manager of a `FakeLibrary` carries out. */
import { Effect } from "effect"
import type { ChangeCapability } from "../../src/integrations/Kind.ts"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { UpstreamHeldBack } from "../../src/integrations/UpstreamErrors.ts"
import { denied, unreachable } from "./FakeAnswers.ts"
import type { FakeLibrary } from "./FakeLibrary.ts"

export const fakeChanges = (library: FakeLibrary): ChangeCapability => ({
  kinds: ["movie", "show"],
  monitors: ["movie", "show"],
  state: ({ externalId }) =>
    Effect.suspend(() => {
      if (library.down.has("manager")) return Effect.fail(unreachable("state"))
      const facts = library.items.get(externalId)?.facts
      if (facts === undefined) return Effect.succeed(null)
      const { monitored, qualityProfile, tags } = facts
      return Effect.succeed({
        tags: tags ?? [],
        qualityProfile: qualityProfile ?? null,
        monitored: monitored ?? true
      })
    }),
  change: ({ externalId }, change) =>
    Effect.gen(function* () {
      const look = yield* CurrentFinalCheck
      const detail = look === null ? null : yield* look.whyNot(true)
      if (detail !== null) return yield* new UpstreamHeldBack({ integration: "Shelf", call: "change", detail })
      if (library.down.has("manager")) return yield* unreachable("change")
      if (library.refusesChanges) return yield* denied("change")
      library.changed.push({ externalId, ...change })
      const item = library.items.get(externalId)
      if (item === undefined) return
      const { addTags = [], monitored, qualityProfile, removeTags = [] } = change
      const tags = [...(item.facts.tags ?? []), ...addTags].filter((tag) => !removeTags.includes(tag))
      item.facts = {
        ...item.facts,
        tags,
        ...(qualityProfile === undefined ? {} : { qualityProfile }),
        ...(monitored === undefined ? {} : { monitored })
      }
    })
})
