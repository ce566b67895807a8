/**
 * A made-up room: files in the trash of each integration, which its rules delete permanently. It follows the recipes of
 * ARCHITECTURE.md, uses only public modules, and needed no change of Tendarr.
 */
import { Clock, DateTime, Effect, Layer, Schema } from "effect"
import type { ActKind } from "../../src/acts/ActKind.ts"
import { Acts } from "../../src/acts/Acts.ts"
import { go, spare } from "../../src/acts/Verdict.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { eventType } from "../../src/events/EventType.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { UpstreamHeldBack } from "../../src/integrations/UpstreamErrors.ts"
import type { JobDefinition } from "../../src/jobs/Job.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { type Fact, known } from "../../src/library/Facts.ts"
import { matchesOf } from "../../src/rules/RuleMatches.ts"
import { RulesInForce } from "../../src/rules/RulesInForce.ts"
import { ruleSubject } from "../../src/rules/RuleSubject.ts"
import { forEachSheet } from "../../src/rules/SubjectSheets.ts"
import type { ServeExtensions } from "../../src/server/Serve.ts"
import { wholeNumber } from "../../src/settings/SettingTypes.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { settingsGroup } from "../../src/settings/SettingsGroup.ts"
import { ReadSql } from "../../src/storage/Database.ts"
import { binConfigs, binTable, binWebhooks } from "./TrashBins.ts"

export interface TrashFile {
  readonly name: string
  readonly bytes: number
  /** `null` = the date of its deletion is unknown. */
  readonly days: number | null
  /** The folder from which it was deleted, which people may rename. */
  readonly folder?: string
}

/** The files in the trash of each integration, by the integration's name. */
export const trash = new Map<string, Array<TrashFile>>()

const TrashSettings = settingsGroup(
  "trash",
  Schema.Struct({
    mostFiles: wholeNumber(1, 100, { default: 10, description: "Files that one run lets go at most" })
  }).annotate({ identifier: "TrashSettings", title: "Trash" })
)

const filesOf = (integration: string) => trash.get(integration) ?? []

/** A file, with the integration in whose trash it is. */
interface TrashThing extends TrashFile {
  readonly integrationId: string
  readonly integration: string
}

const idOf = ({ integration, name }: Pick<TrashThing, "integration" | "name">) => `${integration}/${name}`
const targetOf = ({ integrationId }: TrashThing) => ({ integrationId, kind: "trash-file" })

const listTrash = Effect.gen(function* () {
  const reader = yield* ReadSql
  const rows = yield* reader<{ id: number; name: string }>`SELECT id, name FROM integrations WHERE deleted_at IS NULL`
  const things = rows.flatMap(({ id, name }) =>
    filesOf(name).map((file): TrashThing => ({ ...file, integrationId: String(id), integration: name }))
  )
  return { things, context: DateTime.formatIso(yield* DateTime.now) }
}).pipe(Effect.orDie)

const trashSubject = ruleSubject<"name" | "days" | "folder", "let-go" | "keep", TrashThing, string>({
  name: "trash-file",
  title: "files in the trash",
  effects: [
    { name: "let-go", description: "It is deleted for good.", keeps: false },
    { name: "keep", description: "It stays in the trash.", keeps: true }
  ],
  facts: {
    name: {
      type: "string",
      title: "Name",
      description: "Name of the file.",
      source: "the trash",
      unknown: "never",
      read: ({ name }, at) => known(name, "trash", at)
    },
    days: {
      type: "number",
      title: "Days",
      description: "Days since it was thrown away.",
      unit: "days",
      source: "the trash",
      unknown: "nobody noted the day",
      read: ({ days }, at): Fact =>
        days === null
          ? {
              _tag: "Unknown",
              reason: "not-told",
              detail: "the date of the deletion was not recorded",
              source: "trash"
            }
          : known(days, "trash", at)
    },
    folder: {
      type: "string",
      title: "Folder",
      description: "The folder that it was in.",
      source: "the trash",
      unknown: "never",
      named: "folder",
      read: ({ folder }, at) => known(folder ?? null, "trash", at)
    }
  },
  scope: { integrationIds: true },
  things: { list: listTrash, idOf, titleOf: ({ name }) => name, targetOf, sizeOf: ({ bytes }) => bytes }
})

const TrashEvents = {
  emptied: eventType("trash.emptied", {
    category: "system",
    description: "Files of a trash were let go.",
    payload: Schema.Struct({ integration: Schema.String, files: Schema.Int })
  })
}

const Subject = Schema.Struct({ integration: Schema.String, name: Schema.String })

const Kept = Schema.Struct({ name: Schema.String, bytes: Schema.Int, days: Schema.NullOr(Schema.Int) })

const letGo: ActKind<typeof Subject.Type, TrashFile> = {
  name: "let-go",
  subject: Subject,
  kept: Kept,
  keyOf: idOf,
  titleOf: ({ name }) => name,
  destroys: true,
  presence: ({ integration, name }) =>
    Effect.sync(() => {
      const kept = filesOf(integration).find((file) => file.name === name)
      return kept === undefined ? { _tag: "Absent" } : { _tag: "Present", kept }
    }),
  look: ({ name }) => Effect.succeed(name.endsWith(".locked") ? spare("it is locked") : go),
  send: ({ integration, name }) =>
    Effect.gen(function* () {
      const look = yield* CurrentFinalCheck
      const why = look === null ? null : yield* look.whyNot(true)
      if (why !== null) return yield* new UpstreamHeldBack({ integration, call: "DELETE /trash", detail: why })
      trash.set(
        integration,
        filesOf(integration).filter((file) => file.name !== name)
      )
    }),
  undo: ({ integration }, file) => Effect.sync(() => void trash.set(integration, [...filesOf(integration), file]))
}

const room = Layer.effectDiscard(
  Effect.gen(function* () {
    const acts = yield* (yield* Acts).define(letGo)
    const events = yield* EventLog
    const integrations = yield* Integrations
    const reader = yield* ReadSql
    const inForce = yield* RulesInForce
    const settings = yield* Settings
    const emptying: JobDefinition<Record<never, never>> = {
      name: "empty-trash",
      title: "Empty the trash",
      description: "Lets go what the rules about files in the trash say.",
      options: Schema.Struct({}),
      defaultSchedule: null,
      destructive: true,
      subjects: { type: "integration", list: integrations.list },
      run: Effect.fnUntraced(
        function* ({ log, progress, subject }) {
          const integration = subject?.name ?? ""
          const { mostFiles } = yield* settings.get(TrashSettings)
          const set = yield* inForce.about(trashSubject)
          const now = yield* Clock.currentTimeMillis
          const { context, things } = yield* listTrash
          const gone: Array<{ readonly name: string; readonly because: string }> = []
          yield* forEachSheet(
            trashSubject,
            {
              things: things.filter(({ integrationId }) => integrationId === subject?.id),
              idOf,
              context,
              facts: set.facts
            },
            (thing, sheet) => {
              const { name } = thing
              const matches = matchesOf(set, { id: idOf(thing), ...targetOf(thing) }, sheet, now)
              const stays = matches.some(({ application, rule }) => application === "undecided" || rule.effect.keeps)
              const found = matches.find(({ application }) => application === "applies")
              if (found !== undefined && !stays) gone.push({ name, because: found.rule.rule.name })
            }
          )
          for (const { because, name } of gone.slice(0, mostFiles))
            yield* acts.intend({ integration, name }, { because })
          const report = yield* acts.carryOutDue({ log, progress })
          yield* events.append(
            TrashEvents.emptied.make({
              message: `Let go ${report.done} files of ${integration}`,
              payload: { integration, files: report.done }
            })
          )
          return report
        },
        Effect.provideService(ReadSql, reader)
      )
    }
    yield* Jobs.use((jobs) => jobs.register(emptying))
  })
)

export const trashRoom: ServeExtensions = {
  settings: [TrashSettings],
  subjects: [trashSubject],
  eventTypes: Object.values(TrashEvents),
  rooms: [room],
  tables: [binTable],
  sealedColumns: [binConfigs, binWebhooks],
  mounts: [
    { mount: { name: "trash", prefix: "/trash", load: () => import("./TrashMount.ts").then(({ mounted }) => mounted) } }
  ]
}
