import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Discovery } from "../../src/integrations/Kind.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { sandboxApps } from "../../src/sandbox/apps/Apps.ts"
import { ask, withSandbox } from "../sandbox/SandboxTest.ts"

const discoveries = Effect.map(
  Kinds.use((kinds) => kinds.list),
  (all) => new Map(all.flatMap(({ discovery, id }): Array<[string, Discovery]> => (discovery ? [[id, discovery]] : [])))
).pipe(Effect.provide(Kinds.layer))

/** Responses of applications that the sandbox does not have, according to their source code. */
const answers: Readonly<Record<string, string>> = {
  readarr: "<html>\n<head>\n    <title>Login - Readarr</title>",
  whisparr: "<html>\n<head>\n    <title>Whisparr</title>",
  emby: '{"LocalAddress":"http://172.17.0.2:8096","ServerName":"Home","Version":"4.9.1.80","Id":"0a1b"}',
  plex: '<?xml version="1.0" encoding="UTF-8"?>\n<MediaContainer size="0" claimed="1" machineIdentifier="0a" version="1.43.0"/>',
  tracearr: '{"status":"ok","mode":"ready","db":true,"redis":true,"geoip":false,"timescale":null}',
  streamystats: '[{"id":1,"jellyfinId":"5f0c","name":"Home","url":"http://jellyfin:8096"}]',
  overseerr: '{"initialized":true,"applicationTitle":"Overseerr","hideAvailable":false,"localLogin":true}',
  jellyseerr: '{"initialized":true,"applicationTitle":"Jellyseerr","mediaServerType":2}',
  seerr: '{"initialized":true,"mediaServerType":2,"applicationTitle":"Films of the family"}',
  ombi: "4.47.1",
  qbittorrent:
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n    <meta charset="UTF-8" />\n    <title>qBittorrent Web UI</title>',
  deluge: "<!DOCTYPE html>\n<html>\n    <head>\n        <title>Deluge: Web UI 2.0.3</title>",
  transmission: "<!DOCTYPE html>\n<html>\n  <head>\n    <title>Transmission Web Interface</title>",
  sportarr: '<!doctype html>\n<html lang="en">\n  <head>\n    <title>Sportarr</title>',
  sabnzbd: '{"version":"4.5.0"}',
  jellyfin: '{"LocalAddress":"http://172.17.0.3:8096","ServerName":"Home","ProductName":"Jellyfin Server","Id":"0a"}'
}

/** They answer nothing without a password, or nothing that is only theirs. */
const unrecognised = ["nzbget", "rtorrent", "utorrent"]

describe("An application is recognised without its key", () => {
  it.effect("by every built-in kind that can, at its default port and host name", () =>
    Effect.gen(function* () {
      const known = yield* discoveries
      const all = yield* Kinds.use((kinds) => kinds.list)
      assert.deepStrictEqual(
        all.flatMap(({ id }) => (known.has(id) ? [] : [id])),
        unrecognised
      )
      const names = [...known.values()].flatMap(({ hostNames }) => hostNames)
      assert.strictEqual(new Set(names).size, names.length)
      for (const { defaultPort } of known.values()) assert.isTrue(defaultPort > 1024 && defaultPort < 65_536)
    }).pipe(Effect.provide(Kinds.layer))
  )

  it.effect("in the sandbox, each by its own kind and no other", () =>
    withSandbox(
      { items: 20, kinds: ["all"] },
      Effect.gen(function* () {
        const known = yield* discoveries
        for (const { id: app, kind } of sandboxApps) {
          const recognisedBy: Array<string> = []
          for (const [id, { answer, path }] of known) {
            const { status, text } = yield* ask(app, `/${path}`, { key: null })
            if (status === 200 && new RegExp(answer).test(text)) recognisedBy.push(id)
          }
          assert.deepStrictEqual(recognisedBy, [kind], app)
        }
      })
    )
  )

  it.effect("by its response, unlike others at the same path", () =>
    Effect.gen(function* () {
      const known = yield* discoveries
      for (const [kind, text] of Object.entries(answers)) {
        const path = known.get(kind)?.path
        const recognisedBy = [...known].flatMap(([id, one]) =>
          one.path === path && new RegExp(one.answer).test(text) ? [id] : []
        )
        assert.deepStrictEqual(recognisedBy, [kind], text)
      }
    })
  )
})
