/** Changes the entries of a Servarr application by its editor, which leaves everything else of an entry as it is. */
import { Effect } from "effect"
import type { ChangeCapability, EntryChange, EntryState, RemovalTarget } from "../../Kind.ts"
import type { ItemKind, TypedId } from "../../Observations.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { orGone } from "../OneItem.ts"
import { type ArrAccess, QualityProfile, Tag } from "./Arr.ts"

/** The fields of an entry that the editor changes. */
export interface EditedEntry {
  readonly id: number
  readonly ids: ReadonlyArray<TypedId>
  readonly monitored?: boolean | null
  readonly tags?: ReadonlyArray<number> | null
  readonly qualityProfileId?: number | null
}

/** A season, an album or a book: it can be monitored, and nothing else. */
export interface EntryPart {
  /** `null` = the application no longer has it. */
  readonly monitored: (target: RemovalTarget) => Effect.Effect<boolean | null, UpstreamError>
  readonly monitor: (target: RemovalTarget, monitored: boolean) => Effect.Effect<void, UpstreamError>
}

export interface EntryParts {
  /** Kind of the entries. */
  readonly kind: ItemKind
  /** Path of the entries below the API, and the key of their ids in the body of the editor, such as `movieIds`. */
  readonly path: string
  readonly idsKey: string
  readonly entry: (target: RemovalTarget) => Effect.Effect<EditedEntry, UpstreamError>
  /** The command that searches for an entry. */
  readonly search: (id: number) => { readonly name: string } & Readonly<Record<string, unknown>>
  /** The kind of its parts, if they can be monitored one by one. */
  readonly part?: EntryPart & { readonly kind: ItemKind }
}

export const entryChanges = (access: ArrAccess, parts: EntryParts): ChangeCapability => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const { entry, idsKey, kind, part, path, search } = parts

  const malformed = (call: string, detail: string) => new UpstreamMalformed({ integration, call, detail })

  const found = (target: RemovalTarget) =>
    Effect.flatMap(orGone(entry(target), probe), (one) =>
      one !== null && target.ids.length > 0 && !target.ids.some((id) => one.ids.includes(id))
        ? Effect.fail(malformed(`GET ${api}/${path}`, "another title has this id now"))
        : Effect.succeed(one)
    )

  const tagNames = Effect.map(
    upstream.getArray(`${api}/tag`, Tag),
    (tags) => new Map(tags.map(({ id, label }) => [id, label.toLowerCase()]))
  )
  const profiles = upstream.getArray(`${api}/qualityprofile`, QualityProfile)

  const stateOfPart = (target: RemovalTarget, { monitored }: EntryPart) =>
    Effect.map(monitored(target), (flag): EntryState | null =>
      flag === null ? null : { tags: [], qualityProfile: null, monitored: flag }
    )

  const stateOfEntry = Effect.fnUntraced(function* (target: RemovalTarget) {
    const one = yield* found(target)
    if (one === null) return null
    const names = yield* tagNames
    const profile = (yield* profiles).find(({ id }) => id === one.qualityProfileId)
    return {
      tags: (one.tags ?? []).map((id) => names.get(id) ?? `#${id}`),
      qualityProfile: profile?.name ?? null,
      monitored: one.monitored ?? true
    } satisfies EntryState
  })

  /** The edits that change the tags of an entry, each of which leaves other tags alone. Unknown tags are created. */
  const tagEdits = Effect.fnUntraced(function* (
    before: ReadonlyArray<number>,
    { addTags = [], removeTags = [] }: EntryChange
  ) {
    if (addTags.length + removeTags.length === 0) return []
    const names = yield* tagNames
    const idOf = (name: string) => [...names].find(([, label]) => label === name)?.[0]
    const removed = before.filter((id) => removeTags.includes(names.get(id) ?? ""))
    const added: Array<number> = []
    for (const name of addTags) {
      const id = idOf(name)
      added.push(id ?? (yield* upstream.send("POST", `${api}/tag`, { json: { label: name } }, Tag)).id)
    }
    return [
      ...(added.length === 0 ? [] : [{ tags: added, applyTags: "add" }]),
      ...(removed.length === 0 ? [] : [{ tags: removed, applyTags: "remove" }])
    ]
  })

  const profileId = Effect.fnUntraced(function* (name: string) {
    const all = yield* profiles
    const profile =
      all.find((one) => one.name === name) ?? all.find((one) => one.name.toLowerCase() === name.toLowerCase())
    if (profile !== undefined) return profile.id
    const names = all.map((one) => one.name).join(", ")
    return yield* malformed(`GET ${api}/qualityprofile`, `there is no quality profile "${name}"; there are ${names}`)
  })

  const changeEntry = Effect.fnUntraced(function* (target: RemovalTarget, change: EntryChange) {
    const one = yield* found(target)
    if (one === null) return yield* malformed(`GET ${api}/${path}`, "the application no longer has it")
    const [tags = {}, ...further] = yield* tagEdits(one.tags ?? [], change)
    const edit = {
      ...tags,
      ...(change.qualityProfile === undefined ? {} : { qualityProfileId: yield* profileId(change.qualityProfile) }),
      ...(change.monitored === undefined ? {} : { monitored: change.monitored })
    }
    // Tags are added and taken away by two edits: one that replaces the list would lose a tag that somebody adds meanwhile.
    const call = `PUT ${api}/${path}/editor`
    const send = (json: object) =>
      upstream.send("PUT", `${api}/${path}/editor`, { json: { [idsKey]: [one.id], ...json }, destroys: true })
    yield* send(edit)
    // A refusal says nothing about what was changed before.
    const partly = (error: UpstreamError) =>
      error._tag === "UpstreamHeldBack" ? error : malformed(call, `it was changed in part: ${error.message}`)
    yield* Effect.forEach(further, (each) => Effect.mapError(send(each), partly), { discard: true })
    if (change.search === true) yield* upstream.send("POST", `${api}/command`, { json: search(one.id) })
  })

  const isPart = (target: RemovalTarget) => part !== undefined && target.kind === part.kind

  return {
    kinds: [kind],
    monitors: part === undefined ? [kind] : [kind, part.kind],
    state: Effect.fn("EntryChanges.state")((target) =>
      part !== undefined && isPart(target) ? stateOfPart(target, part) : stateOfEntry(target)
    ),
    change: Effect.fn("EntryChanges.change")(function* (target, change) {
      if (part === undefined || !isPart(target)) return yield* changeEntry(target, change)
      if (change.monitored !== undefined) yield* part.monitor(target, change.monitored)
    })
  }
}
