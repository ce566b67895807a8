import { assert, describe, it } from "@effect/vitest"
import type { Kind } from "../../src/integrations/Kind.ts"
import { radarr } from "../../src/integrations/kinds/radarr.ts"
import { plex } from "../../src/integrations/kinds/plex.ts"
import { tracearr } from "../../src/integrations/kinds/tracearr.ts"
import { sealKind } from "../../src/integrations/Kinds.ts"
import { addressOf, type Appearance, areApart, likeness } from "../../src/integrations/Sameness.ts"

const appearance = (kind: Kind, url: string, config: Appearance["config"], identity: string | null = null) => ({
  kindId: kind.id,
  kind,
  url,
  config,
  identity
})
const arr = (url: string, apiKey: string) => appearance(sealKind(radarr), url, { apiKey })
const server = (url: string, token: string, identity: string | null = null) =>
  appearance(sealKind(plex), url, { token }, identity)
const statistics = (url: string, token: string, of?: string, identity: string | null = null) =>
  appearance(sealKind(tracearr), url, { token, ...(of === undefined ? {} : { server: of }) }, identity)

describe("Addresses of an application", () => {
  it("are equal under all names of this machine, spellings of a host, default ports and slashes", () => {
    const same = [
      [
        "http://localhost:7878",
        "http://127.0.0.1:7878/",
        "http://[::1]:7878",
        "http://[::ffff:127.0.0.1]:7878",
        "http://127.1:7878",
        "http://LOCALHOST.:7878",
        "https://localhost:7878"
      ],
      ["http://nas", "http://NAS:80/", "https://nas:443", "https://nas/"],
      ["http://192.168.1.5:8989/sonarr", "http://192.168.1.5:8989//sonarr/", "http://[::ffff:c0a8:105]:8989/sonarr"]
    ]
    for (const spellings of same) assert.strictEqual(new Set(spellings.map(addressOf)).size, 1, spellings[0])
  })

  it("differ by port, path and host", () => {
    const several = [
      "http://nas:7878",
      "http://nas:7879",
      "http://nas/radarr",
      "http://nas/radarr-4k",
      "http://nas/Radarr",
      "http://other:7878",
      "http://127.0.0.1.example:7878",
      "http://localhost.example:7878"
    ]
    assert.strictEqual(new Set(several.map(addressOf)).size, several.length)
  })
})

describe("Two connections", () => {
  it("lead to one application if they share the address, the identity, or a key that it created", () => {
    assert.strictEqual(likeness(arr("http://nas:7878", "a"), arr("http://NAS:7878/", "b")), "address")
    assert.strictEqual(likeness(arr("http://nas:7878", "a"), arr("http://192.168.1.5:7878", "a")), "key")
    assert.strictEqual(likeness(server("http://nas:32400", "a", "id"), server("http://tv:1", "b", "id")), "identity")
    assert.strictEqual(likeness(arr("http://nas:7878", "a"), server("http://nas:7878", "b")), "address")
  })

  it("lead to two applications with other addresses and keys, or if a key is valid for several", () => {
    assert.isNull(likeness(arr("http://nas:7878", "hd"), arr("http://nas:7879", "4k")))
    assert.isNull(
      likeness(server("http://nas:32400", "owner"), server("http://shed:32400", "owner")),
      "the token of an account"
    )
    assert.isNull(likeness(server("http://a:1", "x", "one"), server("http://b:1", "x", "two")))
    assert.isNull(likeness(arr("http://a:1", ""), arr("http://b:1", "")), "no key is no sign")
  })

  it("may read two parts of one application", () => {
    const one = statistics("http://nas:3000", "t", "Attic", "1")
    assert.isNull(likeness(one, statistics("http://nas:3000", "t", "Cellar", "2")))
    assert.strictEqual(likeness(one, statistics("http://nas:3000", "t", " Attic ", "1")), "identity")
    assert.strictEqual(likeness(one, statistics("http://nas:3000", "t", "1", "1")), "identity", "the same by its id")
  })

  it("lead to two applications if different processes respond at the same moment", () => {
    const probe = { appName: "Radarr", version: "5", latencyMillis: 1 }
    assert.isTrue(areApart({ ...probe, process: "a" }, { ...probe, process: "b" }))
    assert.isTrue(areApart(probe, { ...probe, appName: "Sonarr" }))
    assert.isFalse(areApart({ ...probe, process: "a" }, { ...probe, process: "a" }))
    assert.isFalse(areApart({ ...probe, process: "a" }, probe), "a missing process proves nothing")
  })
})
