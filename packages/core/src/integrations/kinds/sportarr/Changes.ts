/** Changes whether leagues and events of Sportarr are monitored, and the quality profile of a league. */
import { Effect } from "effect"
import type { ChangeCapability, EntryState, RemovalTarget } from "../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { QualityProfile, Tag } from "../arr/Arr.ts"
import { orGone } from "../OneItem.ts"
import { keysIn, League, leagueIdsOf, type SportarrAccess, SportsEvent } from "./Records.ts"

export const sportarrChanges = (access: SportarrAccess): ChangeCapability => {
  const { integration, probe, upstream } = access
  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const leagueOf = Effect.fnUntraced(function* (target: RemovalTarget) {
    const { league: id } = yield* keysIn(target.externalId, integration)
    const league = yield* orGone(upstream.get(`api/leagues/${id}`, League), probe)
    const ids = league === null ? [] : leagueIdsOf(league)
    if (league !== null && target.ids.length > 0 && !target.ids.some((one) => ids.includes(one)))
      return yield* malformed("GET api/leagues", "another league has this id now")
    return league
  })

  const eventOf = Effect.fnUntraced(function* (target: RemovalTarget) {
    const { event, league } = yield* keysIn(target.externalId, integration)
    const found = yield* orGone(upstream.get(`api/events/${event}`, SportsEvent), probe)
    return found === null || found.leagueId !== league ? null : found
  })

  const profiles = upstream.getArray("api/qualityprofile", QualityProfile)

  return {
    kinds: ["show"],
    monitors: ["show", "episode"],
    state: Effect.fn("Sportarr.state")(function* (target): Effect.fn.Return<EntryState | null, UpstreamError> {
      if (target.kind === "episode") {
        const event = yield* eventOf(target)
        return event === null ? null : { tags: [], qualityProfile: null, monitored: event.monitored ?? true }
      }
      const league = yield* leagueOf(target)
      if (league === null) return null
      const labels = new Map(
        (yield* upstream.getArray("api/tag", Tag)).map(({ id, label }) => [id, label.toLowerCase()])
      )
      const profile = (yield* profiles).find(({ id }) => id === league.qualityProfileId)
      return {
        tags: (league.tags ?? []).map((id) => labels.get(id) ?? `#${id}`),
        qualityProfile: profile?.name ?? null,
        monitored: league.monitored ?? true
      }
    }),
    change: Effect.fn("Sportarr.change")(function* (target, change) {
      const { addTags = [], monitored, qualityProfile, removeTags = [], search } = change
      const edit = monitored === undefined ? {} : { monitored }
      if (target.kind === "episode") {
        const event = yield* eventOf(target)
        if (event === null) return yield* malformed("GET api/events", "the application no longer has it")
        yield* upstream.send("PUT", `api/events/${event.id}`, { json: edit })
        if (search === true) yield* upstream.send("POST", `api/event/${event.id}/automatic-search`)
        return
      }
      const league = yield* leagueOf(target)
      if (league === null) return yield* malformed("GET api/leagues", "the application no longer has it")
      const call = `PUT api/leagues/${league.id}`
      // What its update reads of tags differs between versions, and a lost tag may be what protects a league.
      if (addTags.length + removeTags.length > 0)
        return yield* malformed(call, "its tags cannot be changed one by one: change them in the application")
      let profileId: number | undefined
      if (qualityProfile !== undefined) {
        const all = yield* profiles
        profileId = all.find(({ name }) => name.toLowerCase() === qualityProfile.toLowerCase())?.id
        if (profileId === undefined) {
          const names = all.map(({ name }) => name).join(", ")
          return yield* malformed(call, `there is no quality profile "${qualityProfile}"; there are ${names}`)
        }
      }
      yield* upstream.send("PUT", `api/leagues/${league.id}`, {
        json: { ...edit, ...(profileId === undefined ? {} : { qualityProfileId: profileId }) }
      })
      if (search === true) yield* upstream.send("POST", `api/league/${league.id}/automatic-search`)
    })
  }
}
