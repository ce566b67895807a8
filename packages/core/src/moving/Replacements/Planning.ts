/** What the replacement of a media server carries over, computed from the current state; changes nothing. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Integration } from "../../integrations/Integration.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import type { FormerPlays } from "../../library/FormerPlays.ts"
import { Protections } from "../../library/Protections.ts"
import { Snapshots } from "../../library/Snapshots.ts"
import { Sources } from "../../library/Sources.ts"
import { serverOf } from "../../library/Sync/ServerOfReading.ts"
import { invalidRequest } from "../../problems/Decode.ts"
import type { Issue } from "../../problems/Problem.ts"
import { defaultSubject } from "../../rules/Rule.ts"
import { Rules, type StoredRule } from "../../rules/Rules.ts"
import { storedIdentities } from "../../viewers/Identities.ts"
import { nameKey } from "../../viewers/NameKey.ts"
import type { StoredIdentity } from "../../viewers/PersonMatcher.ts"
import { playsOfItems } from "../../viewers/Plays.ts"
import { keyOf } from "../Records.ts"
import type { ReplacementPlan, ReplacementRequest } from "../Replacement.ts"
import { keptPlaysOf } from "./KeptPlays.ts"
import { type NameKind, namesOnServer, namesUsed, type RenamedRule, renamedRule, spelledAs } from "./ServerNames.ts"

export interface Planned {
  readonly plan: ReplacementPlan
  readonly rules: ReadonlyArray<{ readonly rule: StoredRule; readonly renamed: RenamedRule }>
  /** Viewers that become one person. */
  readonly joins: ReadonlyArray<readonly [viewerId: string, other: string]>
  readonly plays: ReadonlyArray<FormerPlays>
}

/** Items whose plays are read at once. */
const itemsAtOnce = 300

export const makePlanning = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const integrations = yield* Integrations
  const snapshots = yield* Snapshots
  const rules = yield* Rules
  const protections = yield* Protections
  const sources = yield* Sources

  /** The servers, if they are connected and one can take the place of the other. */
  const serversOf = Effect.fnUntraced(function* (formerId: string, successorId: string) {
    const live = yield* integrations.live
    const former = yield* integrations.get(formerId)
    const successor = live.find(({ integration }) => integration.id === successorId)
    const path = ["payload", "successorId"]
    const wrong = (message: string) => invalidRequest([{ path, message }])
    if (successorId === formerId) return yield* wrong("is the media server itself")
    if (successor === undefined) return yield* wrong("is not the id of an integration that is switched on")
    if (successor.connected.read.serverItems === undefined) return yield* wrong("is not a media server")
    const snapshot = yield* snapshots.get
    const isOn = (id: string) =>
      snapshot.items.some((item) => item.data.onServers.some(({ integrationId }) => integrationId === id))
    // Its names could not be compared, and everything would seem to be lost.
    if (!isOn(successorId)) return yield* wrong("has no item of the library yet: run a sync first")
    return { former, successor: successor.integration, live, snapshot }
  })

  /** The names in the last reading of a server. */
  const namesOf = Effect.fnUntraced(function* (id: string) {
    const names = namesOnServer()
    const reading = (yield* sources.states).find((one) => one.integrationId === id && one.observation === "serverItems")
    if (reading !== undefined) {
      yield* sources.eachPiece(id, "serverItems", reading.generation, (entries) =>
        Effect.sync(() => names.add(entries))
      )
    }
    return names.all
  })

  const plan = Effect.fn("Replacements.plan")(function* (formerId: string, request: ReplacementRequest) {
    const { former, live, snapshot, successor } = yield* serversOf(formerId, request.successorId)
    const issues: Array<Issue> = []

    // Names
    const [before, now] = [yield* namesOf(former.id), yield* namesOf(successor.id)]
    const chosenNames = new Map(
      (request.names ?? []).map(({ from, to, what }, index) => {
        const spelled = to === null ? null : spelledAs(now, what, to)
        if (spelled === undefined) {
          issues.push({ path: ["payload", "names", index, "to"], message: `is no name on ${successor.name}` })
        }
        return [`${what} ${nameKey(from)}`, spelled ?? null] as const
      })
    )
    const successorOf = (what: NameKind, name: string): string | null => {
      const chosen = chosenNames.get(`${what} ${nameKey(name)}`)
      return chosen === undefined ? (spelledAs(now, what, name) ?? null) : chosen
    }
    const isFormer = (what: NameKind, name: string) => spelledAs(before, what, name) !== undefined
    const renaming = (what: NameKind, name: string) =>
      isFormer(what, name) ? (successorOf(what, name) ?? undefined) : undefined

    const about = (yield* rules.list).filter(({ subject }) => subject === defaultSubject)
    const standing = (yield* protections.list).filter(({ collection }) => collection !== null)
    const used = new Map<string, { what: NameKind; name: string; usedBy: Array<string> }>()
    const use = (what: NameKind, name: string, by: string) => {
      if (!isFormer(what, name)) return
      const key = `${what} ${nameKey(name)}`
      const one = used.get(key) ?? { what, name, usedBy: [] }
      if (!one.usedBy.includes(by)) one.usedBy.push(by)
      used.set(key, one)
    }
    for (const rule of about) for (const [what, name] of namesUsed(rule)) use(what, name, `the rule "${rule.name}"`)
    for (const { collection } of standing) use("collections", collection ?? "", "a protection")
    const names = [...used.values()].map((one) => ({ ...one, to: successorOf(one.what, one.name) }))

    const changed = about.flatMap((rule) => {
      const renamed = withScope(renamedRule(rule, renaming), former, successor)
      return renamed.changes.length === 0 ? [] : [{ rule, renamed }]
    })
    const collections = standing.flatMap(({ collection, id }) => {
      const to = collection === null ? undefined : renaming("collections", collection)
      return collection === null || to === undefined || nameKey(to) === nameKey(collection)
        ? []
        : [{ id, collection, to }]
    })

    // People
    const identities = (yield* storedIdentities(sql)).filter(({ role }) => role === "account")
    const of = (id: string) => identities.filter(({ integrationId }) => integrationId === id)
    const people = matchedAccounts(of(former.id), of(successor.id), request, former, issues)
    if (issues.length > 0) return yield* invalidRequest(issues)

    // Plays
    const accounts = new Map(of(former.id).map((one) => [one.key, one]))
    const server = { formerId: former.id, successorId: successor.id, source: former.name }
    const plays: Array<FormerPlays> = []
    let [waiting, unknown] = [0, 0]
    for (let start = 0; start < snapshot.items.length; start += itemsAtOnce) {
      const items = snapshot.items.slice(start, start + itemsAtOnce)
      const rows = yield* playsOfItems(
        sql,
        items.map(({ id }) => id)
      )
      for (const item of items) {
        const kept = keptPlaysOf(
          item,
          rows.filter(({ itemId }) => itemId === item.id),
          server,
          accounts
        )
        if (kept === null) continue
        if (kept.ids.length === 0) unknown += 1
        else plays.push(kept)
        if (!item.data.onServers.some(({ integrationId }) => integrationId === successor.id)) waiting += 1
      }
      yield* Effect.yieldNow
    }

    const watching = live.filter((one) => {
      if (one.integration.id === former.id) return false
      const watched = serverOf(one, live)
      return (
        one.connected.read.playback !== undefined && watched._tag === "Found" && watched.integrationId === former.id
      )
    })
    const content = {
      former: partOf(former),
      successor: partOf(successor),
      names,
      rules: changed.map(({ renamed, rule }) => ({ ...partOf(rule), changes: renamed.changes })),
      protections: collections,
      accounts: people.map(({ because, from, to }) => ({
        from: partOf(from),
        to: to === null ? null : partOf(to),
        because
      })),
      integrations: [
        { ...partOf(former), because: "it is replaced" },
        ...watching.map(({ integration }) => ({
          ...partOf(integration),
          because: `it records plays of ${former.name}, which are kept`
        }))
      ],
      plays: {
        titles: new Set(plays.map(({ entry, ids }) => `${entry.kind} ${entry.seasonNumber} ${ids.join()}`)).size,
        plays: plays.reduce((sum, { entry }) => (entry.kind === "season" ? sum : sum + entry.plays), 0),
        waiting
      },
      notCarried: [
        ...names
          .filter(({ to }) => to === null)
          .map(({ name, what }) => ({
            what: `${what} "${name}"`,
            because: `there is none on ${successor.name}: what was kept by it stays kept until the rule is reviewed`
          })),
        ...(unknown === 0
          ? []
          : [{ what: `plays of ${unknown} titles`, because: "they have no id by which they could be recognised" }])
      ]
    }
    const joins = people.flatMap(({ from, to }) =>
      to === null || to.viewerId === from.viewerId ? [] : [[from.viewerId, to.viewerId] as const]
    )
    const planned: Planned = {
      plan: { ...content, fingerprint: keyOf(content) },
      rules: changed,
      joins: distinctJoins(joins),
      plays: distinctPlays(plays)
    }
    return planned
  })

  return plan
})

const partOf = ({ id, name }: { readonly id: string; readonly name: string }) => ({ id, name })

const withScope = (renamed: RenamedRule, former: Integration, successor: Integration): RenamedRule => {
  const ids = renamed.scope?.integrationIds ?? []
  if (!ids.includes(former.id)) return renamed
  const integrationIds = [...new Set(ids.map((id) => (id === former.id ? successor.id : id)))]
  return {
    ...renamed,
    scope: { ...renamed.scope, integrationIds },
    changes: [...renamed.changes, `integration "${former.name}" becomes "${successor.name}"`]
  }
}

interface Matched {
  readonly from: StoredIdentity
  readonly to: StoredIdentity | null
  readonly because: string
}

const matchedAccounts = (
  former: ReadonlyArray<StoredIdentity>,
  successor: ReadonlyArray<StoredIdentity>,
  { accounts = [] }: ReplacementRequest,
  server: Integration,
  issues: Array<Issue>
): ReadonlyArray<Matched> => {
  for (const [index, { from, to }] of accounts.entries()) {
    const path = ["payload", "accounts", index]
    if (!former.some(({ id }) => id === from)) {
      issues.push({ path: [...path, "from"], message: `is not the id of an account of ${server.name}` })
    }
    if (to !== null && !successor.some(({ id }) => id === to)) {
      issues.push({ path: [...path, "to"], message: "is not the id of an account of the new server" })
    }
  }
  const named = (all: ReadonlyArray<StoredIdentity>, name: string) =>
    all.filter((one) => nameKey(one.name) === nameKey(name))
  return former.map((from): Matched => {
    const choice = accounts.find((one) => one.from === from.id)
    if (choice !== undefined) {
      const to = successor.find(({ id }) => id === choice.to) ?? null
      return { from, to, because: to === null ? "somebody chose that it is another person" : "somebody chose it" }
    }
    const same = successor.find(({ viewerId }) => viewerId === from.viewerId)
    if (same !== undefined) return { from, to: same, because: "they are one person already" }
    const [only, other] = named(successor, from.name)
    return only === undefined
      ? { from, to: null, because: "no account of the new server has its name" }
      : other !== undefined || named(former, from.name).length > 1
        ? { from, to: null, because: "several accounts have its name: choose one" }
        : { from, to: only, because: "they have the same name" }
  })
}

/** A viewer can be joined to another one once. */
const distinctJoins = (joins: Planned["joins"]): Planned["joins"] => {
  const gone = new Set<string>()
  return joins.filter(([viewerId, other]) => {
    if (gone.has(other) || gone.has(viewerId)) return false
    gone.add(other)
    return true
  })
}

/** Copies of a title in several applications have the same plays. */
const distinctPlays = (plays: ReadonlyArray<FormerPlays>): ReadonlyArray<FormerPlays> => [
  ...new Map(
    plays.map((one) => [`${one.entry.kind} ${one.entry.seasonNumber} ${[...one.ids].toSorted().join()}`, one])
  ).values()
]
