/**
 * A simulated Emby. A user's state is only returned to requests for that user that name the field; a plain list reports
 * everything as never played.
 */
import { Option, Schema } from "effect"
import type { Product } from "./mediabrowser/ItemAnswers.ts"
import { embyKeys } from "./mediabrowser/MediaBrowserKeys.ts"
import { makeServerItems, problem } from "./mediabrowser/ServerItems.ts"
import { librariesAnswer, policyRoute, sessionsAnswer, usersAnswer } from "./mediabrowser/ServerRoutes.ts"
import { makeUserData } from "./mediabrowser/UserData.ts"
import { stateOf } from "./plex/PlexKeys.ts"
import { json, listing, page, queryInt } from "./Reply.ts"
import { type Call, openRoute, route, type SandboxApp } from "./SandboxApp.ts"

export const emby: SandboxApp = {
  id: "emby",
  kind: "emby",
  name: "Emby",
  onlyWhenNamed: true,
  part: "mediaServer",
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => (call.request.headers.get("x-emby-token") ?? call.query.get("api_key")) === secret,
  unauthorized: () =>
    new Response("Access token is invalid or expired.", { status: 401, headers: { "content-type": "text/plain" } }),
  notFound: () => problem(404, "Not Found"),
  routes: (context) => {
    const { world } = context
    const keys = embyKeys(world, context.number)
    const items = makeServerItems(context, keys, makeUserData(context, keys, product.kind), product)
    const info = { LocalAddress: "http://127.0.0.1:8096", ServerName: "Sandbox", Version: "4.9.1.80", Id: keys.server }
    const editTags = (change: (labels: Set<string>, tag: string) => void) =>
      items.onFound(async (call, entry) => {
        const body = decodeTags(await call.request.text())
        if (Option.isNone(body)) return problem(400, "Error processing request.")
        for (const { Name } of body.value.Tags) change(stateOf(entry).labels, Name)
        world.revision++
        return new Response(null, { status: 204 })
      })
    return [
      openRoute("GET", "/System/Info/Public", (call) => json(call, info)),
      route("GET", "/System/Info", (call) =>
        json(call, { ...info, OperatingSystemDisplayName: "Linux", HasPendingRestart: false, IsShuttingDown: false })
      ),
      route("GET", "/Users/Query", (call) =>
        queryResult(call, usersAnswer(context, keys, "Emby.Server", product.kind))
      ),
      policyRoute(context, product.kind),
      route("GET", "/Library/VirtualFolders/Query", (call) => queryResult(call, librariesAnswer(world, keys))),
      route("GET", "/Sessions", (call) => json(call, sessionsAnswer(context, keys, product.kind))),
      // Changes of the world are visible immediately, so a scan finds nothing new.
      route("POST", "/Library/Refresh", () => new Response(null, { status: 204 })),
      route("GET", "/Items", items.list),
      route("GET", "/Items/Counts", items.counts),
      route("GET", "/Users/:user/Items", items.list),
      // Only for a user: without one, existing items are not found.
      route("GET", "/Users/:user/Items/:id", items.single),
      route(
        "POST",
        "/Items/:id/Tags/Add",
        editTags((labels, tag) => labels.add(tag))
      ),
      route(
        "POST",
        "/Items/:id/Tags/Delete",
        editTags((labels, tag) => labels.delete(tag))
      ),
      route("DELETE", "/Items/:id", items.remove),
      route("POST", "/Items/:id/Delete", items.remove),
      route("POST", "/Users/:user/FavoriteItems/:id", items.mark(true)),
      route("DELETE", "/Users/:user/FavoriteItems/:id", items.mark(false)),
      openRoute("GET", "/Items/:id/Images/Primary", items.poster)
    ]
  }
}

const product: Product = {
  kind: "emby",
  tellsLittle: true,
  tags: (labels) => ({ TagItems: labels.map((Name, index) => ({ Name, Id: 70_000 + index })) })
}

const decodeTags = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ Tags: Schema.Array(Schema.Struct({ Name: Schema.String })) }))
)

const queryResult = <A>(call: Call, rows: ReadonlyArray<A>): Response => {
  const start = Math.max(0, queryInt(call.query, "startIndex", 0))
  const found = page(call, rows, start, queryInt(call.query, "limit", rows.length))
  if (found === undefined) return problem(500, "Error processing request.")
  return listing(call, {
    before: '{"Items":[',
    after: `],"TotalRecordCount":${found.total}}`,
    rows: found.rows,
    render: (row) => row
  })
}
