/** Writes down what became of the acts that move orphaned files into quarantine, and delete them from it. */
import { Effect } from "effect"
import type { ActsOf } from "../../acts/Acts.ts"
import type { EventLog } from "../../events/EventLog.ts"
import { dayMillis, isoOfMillis, nowIso } from "../../problems/Instants.ts"
import { FileEvents } from "./FileEvents.ts"
import type { Orphan } from "./Orphan.ts"
import type { OrphanSubject } from "./OrphanActs.ts"
import type { OrphanStore } from "./OrphanStore.ts"

export interface OrphanSettlingParts {
  readonly store: OrphanStore
  readonly append: EventLog["Service"]["append"]
  readonly moves: ActsOf<OrphanSubject>
  readonly deletions: ActsOf<OrphanSubject>
  /** Whether a path is not there, in a folder that is. */
  readonly isGone: (path: string) => Effect.Effect<boolean>
  readonly quarantineDays: Effect.Effect<number>
}

export const payloadOf = ({ bytes, files, path }: Pick<Orphan, "path" | "files" | "bytes">) => ({ path, files, bytes })

type Newest = Effect.Success<ActsOf<OrphanSubject>["newest"]> extends ReadonlyMap<string, infer Act> ? Act : never

export const makeOrphanSettling = ({
  append,
  deletions,
  isGone,
  moves,
  quarantineDays,
  store
}: OrphanSettlingParts) => {
  const { change, transact } = store

  const stay = Effect.fnUntraced(function* (orphan: Orphan, because: string) {
    const endedAt = yield* nowIso
    const message = `${orphan.path} stays where it is: ${because}`
    yield* transact(
      Effect.andThen(
        change(orphan.id, { state: "kept", reason: because, endedAt }),
        append(FileEvents.kept.make({ subject: orphan.id, message, payload: { ...payloadOf(orphan), because } }))
      )
    )
  })

  const moved = Effect.fnUntraced(function* (orphan: Orphan, { endedAt, subject }: Newest) {
    if (subject === null) return
    const { quarantine } = subject
    const at = yield* nowIso
    const deleteAt = isoOfMillis(Date.parse(at) + (yield* quarantineDays) * dayMillis)
    const message = `${orphan.path} was moved into quarantine`
    const payload = { ...payloadOf(orphan), quarantine, deleteAt }
    yield* transact(
      Effect.andThen(
        change(orphan.id, {
          state: "quarantined",
          quarantine,
          quarantinedAt: endedAt ?? at,
          deleteAt,
          reason: null
        }),
        append(FileEvents.quarantined.make({ subject: orphan.id, message, payload }))
      )
    )
  })

  const restored = Effect.fnUntraced(function* (orphan: Orphan) {
    const endedAt = yield* nowIso
    const message = `${orphan.path} was moved back from quarantine`
    yield* transact(
      Effect.andThen(
        change(orphan.id, { state: "restored", reason: "it was restored", endedAt, deleteAt: null }),
        append(FileEvents.restored.make({ subject: orphan.id, message, payload: payloadOf(orphan) }))
      )
    )
  })

  const deleted = Effect.fnUntraced(function* (orphan: Orphan, endedAt: string | null, reason: string | null) {
    const message = `${orphan.path} was deleted from quarantine${reason === null ? "" : `: ${reason}`}`
    yield* transact(
      Effect.andThen(
        change(orphan.id, { state: "deleted", endedAt: endedAt ?? (yield* nowIso), reason }),
        append(FileEvents.deleted.make({ subject: orphan.id, message, payload: payloadOf(orphan) }))
      )
    )
  })

  const planDeletion = (orphan: Orphan, { subject }: Newest) =>
    subject === null
      ? Effect.void
      : transact(
          Effect.gen(function* () {
            const dueAt = orphan.deleteAt ?? (yield* nowIso)
            const act = yield* deletions.intend(subject, { because: `${orphan.path} was orphaned`, dueAt })
            yield* change(orphan.id, { deletionId: act.id })
          })
        ).pipe(Effect.catchTags({ ActConflict: () => Effect.void, DeletionsDisabled: () => Effect.void }))

  const says = (orphan: Orphan, reason: string | null) =>
    reason === orphan.reason ? Effect.void : transact(change(orphan.id, { reason }))

  const beforeMove = (orphan: Orphan, move: Newest) => {
    if (move.state === "done") return moved(orphan, move)
    if (orphan.state !== "planned") return Effect.void
    if (move.state === "cancelled") return stay(orphan, "a person has cancelled it")
    if (move.state === "spared") return transact(change(orphan.id, { state: "found", reason: move.reason }))
    return says(orphan, move.reason)
  }

  const inQuarantine = Effect.fnUntraced(function* (orphan: Orphan, move: Newest, deletion: Newest | undefined) {
    if (move.state === "undone") return yield* restored(orphan)
    switch (deletion?.state) {
      case undefined:
        return yield* planDeletion(orphan, move)
      case "done":
        return yield* deleted(orphan, deletion?.endedAt ?? null, null)
      case "cancelled":
        if (orphan.deleteAt === null) return
        return yield* transact(
          change(orphan.id, { deleteAt: null, reason: "it stays in quarantine: a person has cancelled its deletion" })
        )
      case "spared":
        if (orphan.quarantine === null || !(yield* isGone(orphan.quarantine))) return
        return yield* deleted(orphan, deletion?.endedAt ?? null, "it was not there any more")
      default:
        return yield* says(orphan, deletion?.reason ?? null)
    }
  })

  return {
    stay,
    conclude: Effect.gen(function* () {
      const newestMoves = yield* moves.newest
      const newestDeletions = yield* deletions.newest
      for (const orphan of yield* store.inStates(["planned", "found", "quarantined"])) {
        const move = newestMoves.get(orphan.id)
        if (move === undefined) continue
        yield* orphan.state === "quarantined"
          ? inQuarantine(orphan, move, newestDeletions.get(orphan.id))
          : beforeMove(orphan, move)
      }
    }).pipe(Effect.withSpan("Orphans.conclude"))
  }
}
