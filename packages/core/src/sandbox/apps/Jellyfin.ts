/** A simulated Jellyfin over the same disks and people as the simulated Plex, with its own ids. */
import type { Product } from "./mediabrowser/ItemAnswers.ts"
import { jellyfinKeys } from "./mediabrowser/MediaBrowserKeys.ts"
import { makeServerItems, problem } from "./mediabrowser/ServerItems.ts"
import { librariesAnswer, policyRoute, sessionsAnswer, usersAnswer } from "./mediabrowser/ServerRoutes.ts"
import { makeUserData } from "./mediabrowser/UserData.ts"
import { stateOf } from "./plex/PlexKeys.ts"
import { json } from "./Reply.ts"
import { type Call, openRoute, route, type SandboxApp } from "./SandboxApp.ts"

export const jellyfin: SandboxApp = {
  id: "jellyfin",
  kind: "jellyfin",
  name: "Jellyfin",
  onlyWhenNamed: true,
  part: "mediaServer",
  config: (apiKey) => ({ apiKey }),
  authorized: (call, secret) => tokenIn(call) === secret,
  unauthorized: () => new Response(null, { status: 401 }),
  notFound: () => problem(404, "Not Found"),
  routes: (context) => {
    const { world } = context
    const keys = jellyfinKeys(world, context.number)
    const items = makeServerItems(context, keys, makeUserData(context, keys, product.kind), product)
    const users = () => usersAnswer(context, keys, "Jellyfin.Server", product.kind)
    const info = {
      LocalAddress: "http://127.0.0.1:8096",
      ServerName: "Sandbox",
      Version: "10.11.11",
      ProductName: "Jellyfin Server",
      OperatingSystem: "",
      Id: keys.server,
      StartupWizardCompleted: true
    }
    return [
      openRoute("GET", "/System/Info/Public", (call) => json(call, info)),
      route("GET", "/System/Info", (call) =>
        json(call, { ...info, HasPendingRestart: false, IsShuttingDown: false, SupportsLibraryMonitor: true })
      ),
      route("GET", "/Users", (call) => json(call, users())),
      route("GET", "/Users/Me", (call) => json(call, users()[0])),
      policyRoute(context, product.kind),
      route("GET", "/Library/VirtualFolders", (call) => json(call, librariesAnswer(world, keys))),
      route("GET", "/Sessions", (call) => json(call, sessionsAnswer(context, keys, product.kind))),
      // Changes of the world are visible immediately, so a scan finds nothing new.
      route("POST", "/Library/Refresh", () => new Response(null, { status: 204 })),
      route("GET", "/Items", items.list),
      route("GET", "/Items/Counts", items.counts),
      route("GET", "/Items/:id", items.single),
      // A change sends the whole item; of its fields, the world only knows tags.
      route(
        "POST",
        "/Items/:id",
        items.onFound(async (call, entry) => {
          const body: unknown = await call.request.json().catch(() => null)
          const tags: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "Tags") : undefined
          if (!Array.isArray(tags)) return problem(400, "Error processing request.")
          const { labels } = stateOf(entry)
          labels.clear()
          for (const tag of tags) labels.add(String(tag))
          world.revision++
          return new Response(null, { status: 204 })
        })
      ),
      route("DELETE", "/Items/:id", items.remove),
      route("POST", "/UserFavoriteItems/:id", items.mark(true)),
      route("DELETE", "/UserFavoriteItems/:id", items.mark(false)),
      openRoute("GET", "/Items/:id/Images/Primary", items.poster)
    ]
  }
}

const product: Product = { kind: "jellyfin", tellsLittle: false, tags: (labels) => ({ Tags: labels }) }

/** The older headers are disabled here, as on newer servers. */
const tokenIn = (call: Call): string | null => {
  const header = call.request.headers.get("authorization") ?? ""
  const token = /^MediaBrowser\s.*\bToken="([^"]*)"/i.exec(header)?.[1]
  return token === undefined ? call.query.get("ApiKey") : decodeURIComponent(token)
}
