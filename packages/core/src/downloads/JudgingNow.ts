/** What downloads are judged by now: the rules in force, and which clients are judged. */
import { Clock, Effect } from "effect"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { RulesInForce } from "../rules/RulesInForce.ts"
import { Settings } from "../settings/Settings.ts"
import { rulesAbout } from "./DownloadRules.ts"
import { Downloads } from "./Downloads.ts"
import { DownloadsSettings } from "./DownloadsSettings.ts"
import type { JudgingContext } from "./Judging.ts"

export const makeJudgingNow = Effect.gen(function* () {
  const downloads = yield* Downloads
  const inForce = yield* RulesInForce
  const settings = yield* Settings
  const rules = rulesAbout(downloads.current)
  return Effect.gen(function* (): Effect.fn.Return<JudgingContext, RulesUnreadable> {
    const ignoreTag = (yield* settings.get(DownloadsSettings)).ignoreTag.trim().toLowerCase()
    const clients = yield* downloads.clients
    return {
      set: yield* inForce.about(rules),
      held: new Map(clients.map(({ held, integrationId }) => [integrationId, held])),
      ignoreTag: ignoreTag === "" ? null : ignoreTag,
      now: yield* Clock.currentTimeMillis
    }
  })
})
