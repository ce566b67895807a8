/**
 * Watches a history: it knows the decisions of people and the true state of the stack, and checks every destructive call
 * before it takes effect. Every broken promise (see ARCHITECTURE.md) is added to `violations`.
 */
import type { RemovalAction, RemovalTarget } from "../../src/integrations/Kind.ts"
import type { RemovalMode } from "../../src/capacity/RemovalMode.ts"
import type { FakeItem } from "../support/FakeItem.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"

/** The row of the intent behind a call, as the database has it when the call arrives. */
export interface Intent {
  readonly id: string
  readonly itemId: string
  readonly origin: "engine" | "person" | "rule"
  readonly mode: RemovalMode
  readonly action: RemovalAction
  readonly graceDays: number | null
  readonly collection: string | null
  readonly createdAt: string
  readonly step: string | null
  /** Members of the same collection that were removed since this intent was written. */
  readonly fellowsRemoved: number
  /** External ids of what was removed from the same disk since the run began. */
  readonly removedInRun: ReadonlyArray<string>
}

export const limits = { type: "percent", threshold: 85, target: 75 } as const
export const delaySeconds = 30
export const sunsetDays = 30
const factAgeMillis = 72 * 3_600_000

export class Witness {
  readonly violations: Array<string> = []
  /** Protections by `item:<id>` or `collection:<title>`. */
  readonly protections = new Map<string, { readonly title?: string; readonly collection?: string }>()
  /** Title that an `always-keep` rule names, by the id of the rule. */
  readonly keepRules = new Map<string, string>()
  /** Items whose removal a person cancelled and that was not released, by the id of the removal. */
  readonly cancelled = new Map<string, string>()
  /** End of the snooze, by the id of the removal. */
  readonly snoozed = new Map<string, number>()
  readonly approved = new Set<string>()
  readonly rescheduled = new Set<string>()
  /** What was sent for each item, by its external id. */
  readonly actions = new Map<string, ReadonlyArray<RemovalAction>>()
  readonly modes = new Map<string, RemovalMode>()
  readonly allowed = new Map<string, boolean>()
  readonly stopped = new Set<string>()
  deletionsEnabled = true
  /** When each application was last read completely; `null` after a failed attempt. */
  readonly readAt = { manager: null, server: null, requests: null } as Record<
    "manager" | "server" | "requests",
    number | null
  >
  /** An id was reassigned to another title: afterwards it cannot be known what happened to the first one. */
  confused = false
  readonly #hardlinked = new Set<string>()
  readonly #watched = new Set<string>()
  readonly #library: FakeLibrary
  readonly #batchSize: number
  /** Bytes that others freed since the disks were last read, by disk: they cannot be known before the next reading. */
  readonly #unread = new Map<string, number>()
  #disksSilent = false

  constructor(library: FakeLibrary, batchSize: number) {
    this.#library = library
    this.#batchSize = batchSize
    library.onDisksRead = () => this.#unread.clear()
    library.resets.onReset = (key) => {
      if (!this.deletionsEnabled) this.report(`P5: the request ${key} was reset while deletions are switched off`)
    }
  }

  report(broken: string): void {
    this.violations.push(broken)
  }

  /** A plan is computed: it may have known everything that was done before. */
  planned(): void {
    this.#watched.clear()
  }

  /** Somebody has watched it since the last plan. */
  watch(item: FakeItem): void {
    this.#watched.add(item.externalId)
  }

  /** Somebody else removes an item. */
  vanish(item: FakeItem): void {
    const before = this.#library.freeBytes(item.disk)
    this.#library.destroy(item.externalId)
    const freed = this.#library.freeBytes(item.disk) - before
    this.#unread.set(item.disk, (this.#unread.get(item.disk) ?? 0) + freed)
  }

  runBegins(): void {
    this.#disksSilent = this.#library.down.has("disks")
  }

  hardlink(item: FakeItem): void {
    item.hardlinked = true
    this.#hardlinked.add(item.externalId)
  }

  /** Checks a destructive call that has just arrived. */
  removing(target: RemovalTarget, intents: ReadonlyArray<Intent>, inTransaction: boolean, now: number): void {
    const item = this.#library.items.get(target.externalId)
    const report = (promise: string, what: string) => this.report(`${promise}: "${target.title}" ${what}`)
    const [intent] = intents
    if (intent === undefined || intents.length > 1 || intent.step !== "sent" || inTransaction) {
      return report("P3", "was sent for removal without an intent written and committed before")
    }
    const before = this.#library.journal.findLast(({ externalId }) => externalId === target.externalId)
    if (before?.call !== "presence" || before.answer !== "present") {
      report(
        "P3",
        `was sent for removal after "${before?.call} ${before?.answer}" instead of an answer that it is there`
      )
    }
    if (item === undefined) return report("P3", "was sent for removal though it is gone")
    if (intent.action === "unmonitor" ? item.facts.monitored === false : item.stripped)
      report("P3", "was sent for removal though nothing was left to do")
    this.actions.set(target.externalId, [...(this.actions.get(target.externalId) ?? []), intent.action])

    if (!this.deletionsEnabled) report("P5", "was sent for removal while deletions are switched off")
    if (this.modes.get(item.disk) === "dry-run") report("P5", "was sent for removal on a disk in dry-run")

    const unit = intent.collection === null ? [item] : this.#unitOf(item)
    for (const member of unit) {
      if (this.#isProtected(member)) report("P1", `was sent for removal while "${member.title}" is protected`)
      for (const title of this.keepRules.values()) {
        // An episode is kept with its season, and keeps it.
        const isKept =
          title === member.title ||
          (member.kind === "episode" && title.includes(", season") && isWithin(member.title, title)) ||
          (title.includes(", episode") && isWithin(title, member.title))
        if (isKept) report("P1", `was sent for removal while a rule keeps "${title}"`)
      }
    }

    if (this.cancelled.has(intent.id)) report("P2", "was sent for removal though the removal was cancelled")
    const until = this.snoozed.get(intent.id)
    if (until !== undefined && now < until) report("P2", "was sent for removal while it is snoozed")
    const grace = intent.graceDays === null ? delaySeconds * 1000 : intent.graceDays * 86_400_000
    if (now - Date.parse(intent.createdAt) < grace && !this.rescheduled.has(intent.id))
      report("P2", "was sent for removal before the grace delay")

    if (intent.origin === "engine") this.#engineRemoves(item, intent, now, report)
  }

  /** Constraints of planned removals that do not apply to requested ones. */
  #engineRemoves(item: FakeItem, intent: Intent, now: number, report: (promise: string, what: string) => void): void {
    if ([...this.cancelled.values()].includes(intent.itemId))
      report("P2", "was planned again though nobody released it")
    const mode = this.modes.get(item.disk)
    const approved = this.approved.has(intent.id)
    if (this.#watched.has(item.externalId))
      report("P1", "was sent for removal though it was watched since it was planned")
    if (mode === "approval" && !approved) report("Modes", "was sent for removal without anybody's approval")
    if (mode === "sunset" && !approved && !this.rescheduled.has(intent.id)) {
      if (now - Date.parse(intent.createdAt) < sunsetDays * 86_400_000) report("Modes", "went before its sunset")
    }
    const total = this.#library.disks.get(item.disk)?.totalBytes ?? 0
    const used = total - this.#library.freeBytes(item.disk) + (this.#unread.get(item.disk) ?? 0)
    if (used <= (total * limits.target) / 100 && intent.fellowsRemoved === 0) {
      report("P4", "was sent for removal though its disk has reached the target")
    }
    if (this.stopped.has(item.disk)) report("P4", "was sent for removal though its disk is stopped")
    if (this.#disksSilent) report("P4", "was sent for removal though its disk could not be read")
    const { removedInRun } = intent
    if (removedInRun.length >= this.#batchSize && removedInRun.every((id) => this.#hardlinked.has(id))) {
      report("P4", `was sent for removal after ${removedInRun.length} removals that freed nothing`)
    }
    for (const [part, at] of Object.entries(this.readAt)) {
      const allowed = part !== "manager" && this.allowed.get(item.disk) === true
      if (!allowed && (at === null || now - at > factAgeMillis))
        report("P7", `was sent for removal while ${part} is unknown`)
    }
  }

  /** All items that are removed together with an item because of its collections. */
  #unitOf(item: FakeItem): ReadonlyArray<FakeItem> {
    const members = new Set([item])
    for (const member of members) {
      for (const other of this.#library.items.values()) {
        if (other.collections.some((collection) => member.collections.includes(collection))) members.add(other)
      }
    }
    return [...members]
  }

  #isProtected(item: FakeItem): boolean {
    return [...this.protections.values()].some(({ collection, title }) => {
      if (collection !== undefined) return item.collections.includes(collection)
      if (title === item.title) return true
      // A protected part keeps what it belongs to, and a protected whole all of its parts; titles here are "Show", "Show,
      // season 1" and "Show, season 1, episode 1".
      return title !== undefined && (isWithin(item.title, title) || isWithin(title, item.title))
    })
  }
}

/** Whether the item with the first title is a part of the one with the second. */
const isWithin = (part: string, whole: string): boolean => part.startsWith(`${whole}, `)
