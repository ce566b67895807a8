/** `tendarr name-lists`: lists of names of files that downloads do not need. */
import { builtInListNames } from "@tendarr/core/downloads/malware/BuiltInLists"
import type { NameList, NameListPatch, NameListSource } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { type CommandFailure, misused } from "../Failure.ts"
import { clean } from "../output/Format.ts"
import { nameListLines, nameListTable } from "../output/NameLists.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, choice, textFlag, toggle } from "../Root.ts"
import { integrationIds, nameListNamed } from "../Selection.ts"

const shown = Effect.fnUntraced(function* (list: NameList) {
  const style = yield* currentStyle
  const now = yield* Clock.currentTimeMillis
  yield* answer(list, () => nameListLines(list, style, now))
})

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.namelists.list())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () =>
        found.items.length === 0
          ? ["There is no list of names; see `tendarr name-lists add --help`"]
          : nameListTable(found.items, style, width, now)
      )
    })
  )
).pipe(Command.withDescription("List lists of names, with their state and the age of their copies"))

const named = Argument.String("list").pipe(Argument.withDescription("Id or name of the list"))

const about = (
  name: string,
  description: string,
  take: (ask: Ask, id: string) => Effect.Effect<NameList, CommandFailure>
) =>
  Command.make(name, { named }, (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { id } = yield* nameListNamed(ask, input.named)
        yield* shown(yield* take(ask, id))
      })
    )
  ).pipe(Command.withDescription(description))

const show = about("show", "Show one list: its source, its scope, and the lines that do not apply", (ask, id) =>
  ask((client) => client.namelists.get({ path: { id } }))
)
const refresh = about("refresh", "Read a list from its source now", (ask, id) =>
  ask((client) => client.namelists.refresh({ path: { id } }))
)
const accept = about("accept", "Accept a list, or a newer copy of it, that is not believed", (ask, id) =>
  ask((client) => client.namelists.accept({ path: { id } }))
)

const entries = Command.make("entries", { named, ...pageFlags }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id } = yield* nameListNamed(ask, input.named)
      const page = yield* pagesOf(input, (query) => ask((client) => client.namelists.entries({ path: { id }, query })))
      yield* answer(page, () => [...page.items.map(clean), ...moreLines(page)])
    })
  )
).pipe(Command.withDescription("List the entries of a list, as they apply"))

const many = (flag: string, metavar: string, description: string) =>
  Flag.String(flag).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.atLeast(0))

/** What a list consists of, and what it applies to. */
const partFlags = {
  entries: many("entry", "ENTRY", 'An entry, such as .exe, *sample*, extras/ or "regex:..."; may be repeated'),
  file: textFlag("file", "PATH", "A file on the machine of Tendarr with one entry per line"),
  url: textFlag("from", "URL", "An address that returns one entry per line"),
  builtIn: Flag.Literals("built-in", builtInListNames).pipe(
    Flag.withDescription("A list that comes with Tendarr"),
    Flag.optional
  ),
  applications: many("application", "ID", "Only downloads of this application, by id or name; may be repeated"),
  clients: many("client", "ID", "Only downloads of this download client, by id or name; may be repeated"),
  categories: many("category", "NAME", "Only downloads with this category or label; may be repeated"),
  removes: choice("removes", "Whether one file that matches has the whole download removed"),
  archives: Flag.Literals("archives", ["judge", "keep"]).pipe(
    Flag.withDescription("Whether archives are left alone (default: allowlists keep them, blocklists judge them)"),
    Flag.optional
  ),
  syncs: choice("syncs", "Whether it is also given to clients that have a list of excluded file names"),
  enabled: choice("enabled", "Whether it applies")
}

interface PartFlags {
  readonly entries: ReadonlyArray<string>
  readonly file: Option.Option<string>
  readonly url: Option.Option<string>
  readonly builtIn: Option.Option<(typeof builtInListNames)[number]>
  readonly applications: ReadonlyArray<string>
  readonly clients: ReadonlyArray<string>
  readonly categories: ReadonlyArray<string>
  readonly removes: Option.Option<boolean>
  readonly archives: Option.Option<"judge" | "keep">
  readonly syncs: Option.Option<boolean>
  readonly enabled: Option.Option<boolean>
}

/** The source that the flags name; `undefined` = none. */
const sourceOf = Effect.fnUntraced(function* (input: PartFlags) {
  const given: ReadonlyArray<NameListSource> = [
    ...(input.entries.length === 0 ? [] : [{ type: "entries" as const, entries: [...input.entries] }]),
    ...Option.toArray(input.file).map((path) => ({ type: "file" as const, path })),
    ...Option.toArray(input.url).map((url) => ({ type: "url" as const, url })),
    ...Option.toArray(input.builtIn).map((one) => ({ type: "built-in" as const, list: one }))
  ]
  if (given.length > 1) return yield* misused("Give only one of --entry, --file, --from and --built-in")
  return given[0]
})

const partsOf = Effect.fnUntraced(function* (ask: Ask, input: PartFlags) {
  const applications = yield* integrationIds(ask, input.applications)
  const clients = yield* integrationIds(ask, input.clients)
  const scope = {
    ...(applications === undefined ? {} : { applications }),
    ...(clients === undefined ? {} : { clients }),
    ...(input.categories.length === 0 ? {} : { categories: [...input.categories] })
  }
  return {
    ...(Object.keys(scope).length === 0 ? {} : { scope }),
    ...(Option.isSome(input.removes) ? { removes: input.removes.value } : {}),
    ...(Option.isSome(input.archives) ? { archives: input.archives.value } : {}),
    ...(Option.isSome(input.syncs) ? { syncs: input.syncs.value } : {})
  }
})

const add = Command.make(
  "add",
  {
    name: Argument.String("name").pipe(Argument.withDescription("A name for it")),
    allow: toggle("allow", "An allowlist: only what it contains is downloaded"),
    ...partFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const source = yield* sourceOf(input)
        if (source === undefined) return yield* misused("Give one of --entry, --file, --from and --built-in")
        const parts = yield* partsOf(ask, input)
        const enabled = Option.getOrElse(input.enabled, () => true)
        const kind = input.allow ? ("allow" as const) : ("block" as const)
        const body = { name: input.name, kind, enabled, source, ...parts }
        yield* shown(yield* ask((client) => client.namelists.create({ body })))
      })
    )
).pipe(
  Command.withDescription(
    "Add a list of names. With --no-enabled, `tendarr downloads blocked --list NAME` shows what it would do first"
  ),
  Command.withShortDescription("Add a list of names"),
  Command.withExamples([
    { command: "tendarr name-lists add Programs --built-in executables", description: "A built-in blocklist" },
    {
      command: "tendarr name-lists add Video --allow --built-in video --application Radarr --no-enabled",
      description: "An allowlist for one application, to be looked at first"
    },
    { command: 'tendarr name-lists add Samples --entry "*sample*" --entry extras/', description: "Entries of your own" }
  ])
)

const edit = Command.make(
  "edit",
  {
    named,
    name: textFlag("name", "NAME", "A new name"),
    everywhere: toggle("everywhere", "Apply it to all downloads of applications"),
    ...partFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const source = yield* sourceOf(input)
        const parts = yield* partsOf(ask, input)
        if (input.everywhere && "scope" in parts) {
          return yield* misused("--everywhere excludes --application, --client and --category")
        }
        const body: NameListPatch = {
          ...parts,
          ...(input.everywhere ? { scope: {} } : {}),
          ...(source === undefined ? {} : { source }),
          ...(Option.isSome(input.name) ? { name: input.name.value } : {}),
          ...(Option.isSome(input.enabled) ? { enabled: input.enabled.value } : {})
        }
        if (Object.keys(body).length === 0) return yield* misused("Nothing to change was given")
        const { id } = yield* nameListNamed(ask, input.named)
        yield* shown(yield* ask((client) => client.namelists.update({ path: { id }, body })))
      })
    )
).pipe(
  Command.withDescription("Change a list of names: what is not given stays as it is; entries and scope are replaced"),
  Command.withShortDescription("Change a list of names")
)

const remove = Command.make("remove", { named, yes: yesFlag }, (input) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* nameListNamed(ask, input.named)
      yield* confirm(`Delete the list "${clean(found.name)}"?`, input.yes)
      yield* ask((client) => client.namelists.remove({ path: { id: found.id } }))
      yield* answer(found, () => [`The list "${clean(found.name)}" is deleted`])
    })
  )
).pipe(Command.withDescription("Delete a list; files that were deselected because of it stay deselected"))

export const nameLists = Command.make("name-lists").pipe(
  Command.withDescription("Lists of names of files that downloads do not need: blocklists and allowlists"),
  Command.withShortDescription("Blocklists and allowlists for files of downloads"),
  Command.withExamples([
    { command: "tendarr name-lists add Programs --built-in executables", description: "Block programs" },
    { command: "tendarr downloads blocked", description: "What the lists do, or would do" }
  ]),
  Command.withSubcommands([list, show, entries, add, edit, refresh, accept, remove])
)
