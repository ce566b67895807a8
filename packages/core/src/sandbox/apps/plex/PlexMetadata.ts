/** Single entries of the simulated Plex: their details, children and poster, and their deletion. */
import { poster } from "../Poster.ts"
import { type AppContext, type Call, deletesMedia, destroy, route, type Route } from "../SandboxApp.ts"
import { derivation, entryAnswer, listedAnswer, sectionAnswer } from "./PlexAnswers.ts"
import { deleteFilesOf, entryOf, episodes, type PlexEntry, workOf } from "./PlexKeys.ts"
import { containerPage, plexNotFound, plexPage } from "./PlexReplies.ts"

export const plexMetadataRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const derive = derivation(context)
  const found = (call: Call) => entryOf(world, Number(call.params["id"]))
  const answers = (call: Call, rows: ReadonlyArray<PlexEntry>, guids: boolean, describe = listedAnswer) =>
    containerPage(
      call,
      { identifier: "com.plexapp.plugins.library", ...(rows[0] === undefined ? {} : sectionAnswer(rows[0])) },
      "Metadata",
      rows,
      (row) => describe(world, derive().views, row, guids)
    )
  const leaves = (entry: PlexEntry): ReadonlyArray<PlexEntry> => {
    if (entry.type === "show") return entry.show.seasons.flatMap(episodes)
    return entry.type === "season" ? episodes(entry.season) : []
  }
  return [
    route("GET", "/library/metadata/:id", (call) => {
      const rows = (call.params["id"] ?? "").split(",").flatMap((id) => entryOf(world, Number(id)) ?? [])
      return rows.length === 0 ? plexNotFound() : answers(call, rows, true, entryAnswer)
    }),
    route("GET", "/library/metadata/:id/children", (call) => {
      const entry = found(call)
      if (entry === undefined) return plexNotFound()
      const seasons = entry.type === "show" ? entry.show.seasons.filter((season) => season.files !== 0) : []
      const rows =
        entry.type === "show" ? seasons.map((season): PlexEntry => ({ type: "season", season })) : leaves(entry)
      return answers(call, rows, call.query.get("includeGuids") === "1")
    }),
    route("GET", "/library/metadata/:id/allLeaves", (call) => {
      const entry = found(call)
      return entry === undefined ? plexNotFound() : answers(call, leaves(entry), call.query.get("includeGuids") === "1")
    }),
    // Deletes the files, whichever application manages them.
    route("DELETE", "/library/metadata/:id", (call) => {
      const entry = found(call)
      if (entry === undefined) return plexNotFound()
      if (!deletesMedia(context, "plex")) return plexPage(403, "Forbidden")
      return destroy(
        call,
        ({ freesBytes }) => deleteFilesOf(world, entry, freesBytes),
        () => new Response(null, { status: 200 }),
        () => plexPage(500, "Internal Server Error")
      )
    }),
    // Under the time of its last change, or without one.
    ...["/library/metadata/:id/thumb", "/library/metadata/:id/thumb/:at"].map((path) =>
      route("GET", path, (call) => {
        const entry = found(call)
        if (entry === undefined) return plexNotFound()
        const { title, year } = workOf(entry)
        return poster(title, year)
      })
    )
  ]
}
