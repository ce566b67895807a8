/** Changing artists and authors, and monitoring single albums and books. */
import { Effect } from "effect"
import type { ChangeCapability, RemovalTarget } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { orGone } from "../OneItem.ts"
import type { ArrAccess } from "./Arr.ts"
import { creatorIdsIn, idsOfCreator, idsOfWork } from "./CreatorCatalog.ts"
import type { CreatorTerms } from "./CreatorTerms.ts"
import { entryChanges } from "./EntryChanges.ts"

export const creatorChanges = (access: ArrAccess, terms: CreatorTerms): ChangeCapability => {
  const { application, integration, probe, upstream } = access
  const creators = `${application.api}/${terms.creator}`
  const works = `${application.api}/${terms.work}`
  const parse = (externalId: string) => creatorIdsIn(terms, externalId, integration, { creators, works })

  const workId = Effect.fnUntraced(function* ({ externalId }: RemovalTarget) {
    const { workId: id } = yield* parse(externalId)
    const detail = `"${externalId}" is not the id of one ${terms.work}`
    return id ?? (yield* new UpstreamMalformed({ integration, call: `GET ${works}`, detail }))
  })

  return entryChanges(access, {
    kind: terms.creator,
    path: terms.creator,
    idsKey: `${terms.creatorId}s`,
    entry: Effect.fnUntraced(function* ({ externalId }) {
      const { creatorId } = yield* parse(externalId)
      const creator = yield* upstream.get(`${creators}/${creatorId}`, terms.Creator)
      return { ...creator, ids: idsOfCreator(terms, creator) }
    }),
    search: (id) => ({ name: `${terms.creator === "artist" ? "Artist" : "Author"}Search`, [terms.creatorId]: id }),
    part: {
      kind: terms.work,
      monitored: Effect.fnUntraced(function* (target) {
        const id = yield* workId(target)
        const work = yield* orGone(upstream.get(`${works}/${id}`, terms.Work), probe)
        if (work === null) return null
        const ids = idsOfWork(terms, work)
        if (target.ids.length > 0 && !target.ids.some((one) => ids.includes(one))) {
          const detail = "another title has this id now"
          return yield* new UpstreamMalformed({ integration, call: `GET ${works}/${id}`, detail })
        }
        return work.monitored ?? true
      }),
      monitor: Effect.fnUntraced(function* (target, monitored) {
        const ids = [yield* workId(target)]
        yield* upstream.send("PUT", `${works}/monitor`, {
          json: { [terms.workIdsKey]: ids, monitored },
          destroys: true
        })
      })
    }
  })
}
