/** The check of the order of imports, with mistakes of every kind. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { importsOf, problemsOfImports, type Rooms } from "../../../scripts/lib/ImportOrder.ts"

const rooms: Rooms = JSON.parse(readFileSync(new URL("../import-order.json", import.meta.url), "utf8"))

const every = {
  ...Object.fromEntries(rooms.rooms.map(({ room }) => [room === "Services" ? "Services.ts" : `${room}/Any.ts`, ""])),
  "integrations/Kinds.ts": 'import { radarr } from "./kinds/radarr.ts"',
  "integrations/kinds/radarr.ts": 'import type { Kind } from "../Kind.ts"',
  "sandbox/AppNames.ts": "",
  "api/SandboxMount.ts": 'import type { Sandbox } from "../sandbox/Sandbox.ts"',
  "server/SandboxServing.ts": 'import { Sandbox } from "../sandbox/Sandbox.ts"',
  "server/ServeOptions.ts": 'import { appNames } from "../sandbox/AppNames.ts"'
}

/** What the check reports if these files are added to one file of every room. */
const problems = (files: Readonly<Record<string, string>>, list: Rooms = rooms) =>
  problemsOfImports(list, { files: new Map(Object.entries({ ...every, ...files })), packages: ["effect", "ky"] })

describe("The order of imports", () => {
  it("lets a room import the rooms in its row, its own files, the dependencies, and the manifest", () => {
    assert.deepStrictEqual(
      problems({
        "removals/Any.ts": [
          'import { Jobs } from "../jobs/Jobs.ts"',
          'import { Removal } from "./Removal.ts"',
          'import { Effect } from "effect"',
          'import { SqlClient } from "effect/sql"',
          'import { createHash } from "node:crypto"',
          'import manifest from "../../package.json" with { type: "json" }'
        ].join("\n")
      }),
      []
    )
  })

  it("refuses a room that the row does not name, in every form of import", () => {
    for (const line of [
      'import { Removals } from "../removals/Removals.ts"',
      'import type { Removals } from "../removals/Removals.ts"',
      'import "../removals/Removals.ts"',
      'export { Removals } from "../removals/Removals.ts"',
      'export * from "../removals/Removals.ts"',
      'export const later = () => import("../removals/Removals.ts")',
      'export type Later = import("../removals/Removals.ts").Removals'
    ]) {
      const [problem, ...rest] = problems({ "rules/Any.ts": `\n${line}` })
      assert.deepStrictEqual(rest, [])
      assert.strictEqual(
        problem,
        "packages/core/src/rules/Any.ts:2: it imports ../removals/Removals.ts; imports run one way: rules may import problems, storage, events, settings, integrations, library (packages/core/import-order.json)"
      )
    }
  })

  it("ignores imports in comments and strings", () => {
    const text = '// import "../removals/Removals.ts"\nexport const text = `import("../removals/Removals.ts")`\n'
    assert.deepStrictEqual(problems({ "rules/Any.ts": text }), [])
  })

  it("refuses a new room without a row, and explains how to add one", () => {
    assert.deepStrictEqual(problems({ "curtains/Rods.ts": 'import { Jobs } from "../jobs/Jobs.ts"' }), [
      "packages/core/src/curtains: it has no row in packages/core/import-order.json. Add one with the rooms that it may import, name it in the rows of those that may import it, and run: npm run docs"
    ])
  })

  it("refuses imports of a new room from rooms whose rows do not name it", () => {
    const withCurtains = { ...rooms, rooms: [...rooms.rooms, { room: "curtains", may: ["jobs"] }] }
    const found = problems(
      { "curtains/Rods.ts": "", "removals/Any.ts": 'import { Rods } from "../curtains/Rods.ts"' },
      withCurtains
    )
    assert.strictEqual(found.length, 1)
    assert.match(found[0] ?? "", /^packages\/core\/src\/removals\/Any\.ts:1: it imports \.\.\/curtains\/Rods\.ts;/)
  })

  it("refuses rows and files that do not exist", () => {
    const lost: Rooms = {
      rooms: [...rooms.rooms, { room: "attic", may: ["cellar"] }],
      kept: [{ modules: "attic/", by: ["removals/Nobody.ts"], because: "it is dark" }]
    }
    assert.deepStrictEqual(problems({}, lost), [
      "packages/core/import-order.json: it has a row for attic, which is not in packages/core/src",
      "packages/core/import-order.json: attic may import cellar, which has no row",
      "packages/core/import-order.json: attic/ is kept for somebody, and is not there",
      "packages/core/import-order.json: removals/Nobody.ts is kept for somebody, and is not there"
    ])
  })

  it("refuses modules of a runtime, packages that are not dependencies, and files outside the sources", () => {
    for (const specifier of [
      "@effect/platform-node/NodeRuntime",
      "@effect/sql-sqlite-node",
      "bun:sqlite",
      "lodash",
      "fs",
      "node:nothing",
      "@tendarr/core/Services",
      "../../test/support/Stack.ts"
    ]) {
      const found = problems({ "storage/Any.ts": `import { some } from "${specifier}"` })
      assert.strictEqual(found.length, 1, specifier)
    }
  })

  it("refuses imports of a kind, except in the registry and in other kinds", () => {
    const line = (path: string) => `import { radarr } from "${path}"`
    assert.strictEqual(problems({ "integrations/Any.ts": line("./kinds/radarr.ts") }).length, 1)
    assert.strictEqual(problems({ "removals/Any.ts": line("../integrations/kinds/radarr.ts") }).length, 1)
    assert.deepStrictEqual(problems({ "integrations/kinds/whisparr.ts": line("./radarr.ts") }), [])
  })

  it("refuses imports of the simulated stack, except in the files that load it", () => {
    const line = 'import { Sandbox } from "../sandbox/Sandbox.ts"'
    assert.strictEqual(problems({ "server/Any.ts": line }).length, 1)
    assert.strictEqual(problems({ "api/Any.ts": line }).length, 1)
    assert.strictEqual(problems({ "server/ServeOptions.ts": line }).length, 1)
  })

  it("lets the simulated stack import types of the integrations, but no values", () => {
    assert.deepStrictEqual(problems({ "sandbox/Any.ts": 'import type { Kind } from "../integrations/Kind.ts"' }), [])
    assert.deepStrictEqual(problems({ "sandbox/Any.ts": 'import { type Kind } from "../integrations/Kind.ts"' }), [])
    assert.strictEqual(
      problems({ "sandbox/Any.ts": 'import { capabilities } from "../integrations/Kind.ts"' }).length,
      1
    )
  })

  it("distinguishes imports of types from imports of values", () => {
    const text = [
      'import a from "a"',
      'import { type B, c } from "b"',
      'import {} from "c"',
      'import * as d from "d"'
    ].join("\n")
    assert.deepStrictEqual(
      importsOf("Any.ts", text).map(({ isType, line }) => [line, isType]),
      [
        [1, false],
        [2, false],
        [3, false],
        [4, false]
      ]
    )
  })
})
