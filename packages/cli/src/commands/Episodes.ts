/** `tendarr episodes`: the episodes of a show or a season, with their files. */
import type { Episode, EpisodePage } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { itemNamed, itemArgument, titleOf } from "../ItemNames.ts"
import { bytes, clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { moreLines, pageFlags, pagesOf } from "../Paging.ts"
import { answer } from "../Root.ts"

const season = Flag.Int("season").pipe(
  Flag.withMetavar("N"),
  Flag.withDescription("Only this season; 0 for specials"),
  Flag.filter(
    (value) => value >= 0,
    (value) => `Expected the number of a season, got ${value}`
  ),
  Flag.optional
)

export const episodes = Command.make(
  "episodes",
  { words: itemArgument(1), season, ...pageFlags },
  ({ season: only, words, ...page }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const item = yield* itemNamed(ask, words)
        const number = Option.getOrUndefined(only)
        let read: Pick<EpisodePage, "outdated" | "readAt"> = { outdated: null, readAt: null }
        const found = yield* pagesOf(page, (part) =>
          ask((client) =>
            client.library.episodes({
              path: { id: item.id },
              query: { ...part, ...(number === undefined ? {} : { season: number }) }
            })
          ).pipe(Effect.tap(({ outdated, readAt }) => Effect.sync(() => void (read = { outdated, readAt }))))
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer({ ...found, ...read }, () => [
          style.bold(clean(titleOf(item))),
          ...(read.outdated === null ? [] : [`${style.warn("!")} ${clean(read.outdated)}`]),
          ...(found.items.length === 0 ? ["No episodes"] : episodeTable(found.items, style, width)),
          ...moreLines(found)
        ])
      })
    )
).pipe(
  Command.withDescription(
    "List the episodes of a show or a season by season and number, with their files. The application is asked first if the show has changed since they were read"
  ),
  Command.withShortDescription("List the episodes of a show"),
  Command.withExamples([
    { command: "tendarr episodes the borrowed lock --season 2", description: "One season, by words of the title" },
    { command: "tendarr episodes 42 --all --json", description: "All episodes, by the id of the show" }
  ])
)

const two = (value: number): string => String(value).padStart(2, "0")

const numberOf = ({ number, seasonNumber }: Episode): string =>
  `S${two(seasonNumber)}${number === null ? "" : `E${two(number)}`}`

const stateOf = ({ hasFile, monitored }: Episode): string =>
  hasFile === true ? "file" : monitored === false ? "not monitored" : hasFile === null ? "not known" : "no file"

const episodeTable = (all: ReadonlyArray<Episode>, style: Style, width: number | null) =>
  table<Episode>(
    [
      { header: "EPISODE", cell: numberOf },
      { header: "TITLE", flexible: true, cell: ({ title }) => title ?? "" },
      { header: "AIRS", cell: ({ airsAt }) => airsAt?.slice(0, 10) ?? "" },
      { header: "STATE", cell: stateOf },
      { header: "QUALITY", cell: ({ file }) => file?.quality ?? "" },
      { header: "SIZE", align: "right", cell: ({ file }) => (file?.sizeBytes == null ? "" : bytes(file.sizeBytes)) }
    ],
    all,
    { style, width }
  )
