/** Flags for adding or changing an integration. */
import { capabilities, emptyEntryChoices, episodeChoices } from "@tendarr/core/integrations/Kind"
import type { IntegrationPatch } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { Ask } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { choice, textFlag, toggle } from "../Root.ts"
import { integrationNamed } from "../Selection.ts"

export const configFlags = {
  set: Flag.String("set").pipe(
    Flag.withMetavar("KEY=VALUE"),
    Flag.withDescription("A field of the configuration that is not secret; may be repeated"),
    Flag.atLeast(0)
  ),
  keyFile: textFlag("key-file", "FILE", "Read the key or token from this file, - for standard input"),
  untested: toggle("untested", "Store it even if the test of the connection fails")
}

/** For commands that may change the address of a stored integration. */
export const keepKeyFlag = toggle(
  "keep-key",
  "Send the stored key to the new address too, although it has another host or port"
)

export const optionFlags = {
  wholeShows: choice("whole-shows", "Remove whole shows, artists and authors instead of seasons, albums and books"),
  removeCollections: choice("whole-collections", "Remove the members of a collection together or not at all"),
  addImportExclusion: choice("import-exclusion", "Keep import lists from adding a removed item again"),
  episodeItems: Flag.Literals("episode-items", episodeChoices).pipe(
    Flag.withDescription(
      "The shows whose episodes are items of their own, which rules and people can remove one by one"
    ),
    Flag.optional
  ),
  episodeTag: textFlag("episode-tag", "TAG", "The same for every show with this tag; `none` removes the tag"),
  emptyEntries: Flag.Literals("empty-entries", emptyEntryChoices).pipe(
    Flag.withDescription("What happens to a show, artist or author whose last season, album or book was removed"),
    Flag.optional
  ),
  without: Flag.Literals("without", capabilities).pipe(
    Flag.withDescription("Do not use this capability; may be repeated"),
    Flag.atLeast(0)
  ),
  mediaServer: textFlag(
    "media-server",
    "ID",
    "For statistics applications: the media server integration whose plays it records"
  ),
  mapPath: Flag.String("map-path").pipe(
    Flag.withMetavar("FROM=TO"),
    Flag.withDescription(
      "A folder as this application names it, and as the others do, such as /movies=/data/movies; may be repeated, and `none` removes all mappings"
    ),
    Flag.atLeast(0)
  )
}

type Options = NonNullable<IntegrationPatch["options"]>

/** Only the options that were given. */
export const optionsOf = Effect.fnUntraced(function* (
  ask: Ask,
  input: {
    readonly wholeShows: Option.Option<boolean>
    readonly removeCollections: Option.Option<boolean>
    readonly addImportExclusion: Option.Option<boolean>
    readonly episodeItems: Option.Option<(typeof episodeChoices)[number]>
    readonly episodeTag: Option.Option<string>
    readonly emptyEntries: Option.Option<(typeof emptyEntryChoices)[number]>
    readonly without: ReadonlyArray<(typeof capabilities)[number]>
    readonly mediaServer: Option.Option<string>
    readonly mapPath: ReadonlyArray<string>
  }
) {
  const options: Options = {}
  if (Option.isSome(input.wholeShows)) options.wholeShows = input.wholeShows.value
  if (Option.isSome(input.removeCollections)) options.removeCollections = input.removeCollections.value
  if (Option.isSome(input.addImportExclusion)) options.addImportExclusion = input.addImportExclusion.value
  if (Option.isSome(input.episodeItems)) options.episodeItems = input.episodeItems.value
  if (Option.isSome(input.episodeTag)) {
    options.episodeTag = input.episodeTag.value === "none" ? null : input.episodeTag.value
  }
  if (Option.isSome(input.emptyEntries)) options.emptyEntries = input.emptyEntries.value
  if (input.without.length > 0) options.disabledCapabilities = [...input.without]
  if (Option.isSome(input.mediaServer)) {
    options.mediaServerId = (yield* integrationNamed(ask, input.mediaServer.value)).id
  }
  if (input.mapPath.length > 0) options.pathMappings = yield* mappingsFrom(input.mapPath)
  return Object.keys(options).length === 0 ? undefined : options
})

const mappingsFrom = (given: ReadonlyArray<string>) =>
  given.length === 1 && given[0] === "none"
    ? Effect.succeed([])
    : Effect.forEach(given, (text) => {
        const [, from, to] = /^([^=]+)=([^=]+)$/.exec(text) ?? []
        return from === undefined || to === undefined
          ? Effect.fail(misused(`"${text}" is not a mapping of paths; write FROM=TO, such as /movies=/data/movies`))
          : Effect.succeed({ from, to })
      })
