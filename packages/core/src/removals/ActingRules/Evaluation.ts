/** Evaluates one acting rule over the whole library, with what people have decided about earlier removals. */
import { Effect } from "effect"
import { type ActingVerdict, factsOfActing, judge } from "../../capacity/Acting.ts"
import { type Environment, sheetOf } from "../../capacity/Decision.ts"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"
import { DiskGroups } from "../../capacity/DiskGroups.ts"
import { Engine, factsOfDecisions } from "../../capacity/Engine.ts"
import { inSlices } from "../../capacity/InSlices.ts"
import type { RemovalMode } from "../../capacity/RemovalMode.ts"
import { actionsOf, usualActionOf } from "../../integrations/Kind.ts"
import { makeTurns } from "../../integrations/Pauses.ts"
import { nearestFinder } from "../../integrations/Paths.ts"
import type { FactName } from "../../library/Facts.ts"
import type { LibraryItem } from "../../library/Item.ts"
import { namesEpisodes } from "../../rules/RuleSet.ts"
import type { ActingRule } from "../../rules/ItemRules.ts"
import type { ChangeAction, RemoveAction } from "../../rules/RuleAction.ts"
import { Settings } from "../../settings/Settings.ts"
import { RefusedItems, type Refusing, whyRefused } from "../RefusedItems.ts"
import { cannotDo } from "../RemovalTerms.ts"

export interface JudgedItem {
  readonly item: LibraryItem
  readonly verdict: Exclude<ActingVerdict, { readonly _tag: "NoMatch" }>
}

export interface ActingEvaluation {
  /** With the heavy facts of no item. */
  readonly environment: Environment
  readonly rule: ActingRule
  /** The items that the rule matches, or may match. */
  readonly judged: ReadonlyArray<JudgedItem>
  /** Matching wholes next to their parts, or parts of wholes: they are not removed on their own. */
  readonly notActedOnAlone: number
  /** What the rule does with some items, with their heavy facts. */
  readonly loaded: (items: ReadonlyArray<LibraryItem>) => Effect.Effect<Environment>
}

/** Number of items evaluated between two yields, as in the engine. */
const sliceSize = 200

export const makeEvaluation = Effect.gen(function* () {
  const engine = yield* Engine
  const diskGroups = yield* DiskGroups
  const refusals = yield* RefusedItems
  const settings = yield* Settings

  /** `ruleOf` finds or compiles the rule in an environment. */
  const evaluate = Effect.fn("ActingRules.evaluate")(function* <E>(
    ruleOf: (environment: Environment) => Effect.Effect<ActingRule, E>
  ) {
    return yield* inSlices(
      engine,
      sliceSize,
      Effect.fnUntraced(function* (environment: Environment) {
        const rule = yield* ruleOf(environment)
        const folders = yield* diskGroups.rootFolders
        const { defaultMode } = yield* settings.get(CapacitySettings)
        const obstacle = obstaclesTo(rule, yield* refusals.refusing, folders, defaultMode)
        const facts = factsOf(environment, rule)
        const loaded = (items: ReadonlyArray<LibraryItem>) => engine.loaded(environment, items, facts)
        const judged: Array<JudgedItem> = []
        let notActedOnAlone = 0
        const add = Effect.fnUntraced(function* (within: Environment, slice: ReadonlyArray<LibraryItem>) {
          const turns = makeTurns()
          for (const item of slice) {
            if (item.kind === "episode" && !namesEpisodes(rule)) continue
            if (turns.isOver()) yield* turns.next
            const verdict = judge(within, rule, item)
            if (verdict._tag === "NoMatch") continue
            if (isTarget(within, rule, item)) judged.push({ item, verdict: obstacle(within, item, verdict) })
            else if (verdict._tag === "Acts") notActedOnAlone++
          }
        })
        const result = (): ActingEvaluation => ({ environment, rule, judged, notActedOnAlone, loaded })
        return { facts, add, result }
      })
    )
  })

  return { evaluate }
})

/** The facts that a run of the rule reads. */
export const factsOf = (environment: Environment, rule: ActingRule): ReadonlyArray<FactName> => [
  ...factsOfDecisions(environment),
  ...factsOfActing([...environment.rules.acting, rule])
]

/**
 * Whether the rule can act on such an entry: removals and reports are about units (a season rather than its show, unless
 * wholes are removed) and about episodes, if the scope names them; tags and profiles belong to the entry of a whole.
 */
const isTarget = ({ counting, live }: Environment, { action }: ActingRule, item: LibraryItem): boolean => {
  const changes = action.type === "change" ? live.get(item.integrationId)?.connected.changes : undefined
  return action.type !== "change" || changes === undefined || onlyUnmonitors(action)
    ? item.kind === "episode" || counting.isUnit(item)
    : changes.kinds.includes(item.kind)
}

export const onlyUnmonitors = ({ addTags = [], qualityProfile, removeTags = [] }: ChangeAction): boolean =>
  addTags.length === 0 && removeTags.length === 0 && qualityProfile === undefined

type Obstacle = (environment: Environment, item: LibraryItem, verdict: JudgedItem["verdict"]) => JudgedItem["verdict"]

/** What else stands in the way of an action on a matching item. */
const obstaclesTo = (
  { action }: ActingRule,
  refusing: Refusing,
  folders: Effect.Success<DiskGroups["Service"]["rootFolders"]>,
  defaultMode: RemovalMode
): Obstacle => {
  if (action.type === "report") return (_, __, verdict) => verdict
  const folderOf = folderFinder(folders)
  return (environment, item, verdict) => {
    if (verdict._tag !== "Acts") return verdict
    const because =
      action.type === "remove"
        ? (whyRefused(environment.snapshot, item, refusing) ?? whyNotRemoved(environment, item, action, folderOf))
        : whyNotChanged(environment, item, action, defaultMode)
    return because === null ? verdict : { _tag: "Kept", because }
  }
}

const whyNotRemoved = (
  environment: Environment,
  item: LibraryItem,
  { action = usualActionOf(item.kind) }: RemoveAction,
  folderOf: ReturnType<typeof folderFinder>
): string | null => {
  const { groups, live } = environment
  // It stays in the library, and would be queued again by every run.
  if (action === "unmonitor" && isUnmonitored(environment, item)) return "it is unmonitored already"
  const one = live.get(item.integrationId)
  const removal = one?.connected.removal
  if (one !== undefined && removal !== undefined && !actionsOf(removal, item.kind).includes(action)) {
    return cannotDo(one.integration.name, item.kind, action)
  }
  const folder = folderOf(item)
  // The application would forget the item but leave its files.
  if (folder?.problem === "unreachable") return folder.detail ?? folder.problem
  return (item.diskGroupId === null ? undefined : groups.get(item.diskGroupId))?.stoppedBecause ?? null
}

const isUnmonitored = (environment: Environment, item: LibraryItem): boolean => {
  const monitored = sheetOf(environment, item).get("monitored")
  return monitored._tag === "Known" && monitored.value === false
}

const folderFinder = (folders: Effect.Success<DiskGroups["Service"]["rootFolders"]>) => {
  const finders = new Map<string, ReturnType<typeof nearestFinder<(typeof folders)[number]>>>()
  return ({ integrationId, path }: LibraryItem) => {
    if (path === null) return undefined
    let find = finders.get(integrationId)
    if (find === undefined) {
      find = nearestFinder(folders.filter((folder) => folder.integrationId === integrationId))
      finders.set(integrationId, find)
    }
    return find(path)
  }
}

/** `defaultMode`: the mode of items without a known disk. */
export const whyNotChanged = (
  environment: Environment,
  item: LibraryItem,
  action: ChangeAction,
  defaultMode: RemovalMode
): string | null => {
  const live = environment.live.get(item.integrationId)
  if (live === undefined) return "its integration is disabled"
  const { changes } = live.connected
  if (changes === undefined || !live.can("changes")) return `${live.integration.name} cannot change items`
  if (action.unmonitor === true && !changes.monitors.includes(item.kind)) {
    return `${live.integration.name} cannot unmonitor a ${item.kind} by itself`
  }
  const group = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)
  if ((group?.mode ?? defaultMode) !== "dry-run") return null
  return group === undefined ? "it is on no known disk" : `the disk ${group.mountPath} is in dry-run`
}
