import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { type Environment, withSecretFiles } from "../../src/server/SecretFiles.ts"

/** The resolved environment of one that names files; the files are written first. */
const read = (env: Environment, contents: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    const named: Record<string, string> = {}
    for (const [name, text] of Object.entries(contents)) {
      named[name] = `${folder}/${name}`
      yield* files.writeFileString(`${folder}/${name}`, text)
    }
    return yield* withSecretFiles({ ...env, ...named })
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

const refusal = (env: Environment, contents: Readonly<Record<string, string>> = {}) =>
  Effect.map(Effect.flip(read(env, contents)), (error) => error.message)

describe("SecretFiles", () => {
  it.effect("replace the variables, without a trailing line break", () =>
    Effect.gen(function* () {
      const env = yield* read(
        { TENDARR_HOST: "0.0.0.0" },
        {
          TENDARR_API_KEY_FILE: "a-key-of-sixteen-characters\n",
          TENDARR_ADMIN_USERNAME_FILE: "admin\r\n",
          TENDARR_ADMIN_PASSWORD_FILE: " spaces count "
        }
      )
      assert.strictEqual(env["TENDARR_HOST"], "0.0.0.0")
      assert.strictEqual(env["TENDARR_API_KEY"], "a-key-of-sixteen-characters")
      assert.strictEqual(env["TENDARR_ADMIN_USERNAME"], "admin")
      assert.strictEqual(env["TENDARR_ADMIN_PASSWORD"], " spaces count ")
    })
  )

  it.effect("are not read if none is named", () =>
    Effect.gen(function* () {
      const env = { TENDARR_API_KEY: "from-the-environment", TENDARR_API_KEY_FILE: "" }
      assert.deepStrictEqual(yield* read(env, {}), env)
    })
  )

  it.effect("are refused together with the variable itself, and never shown", () =>
    Effect.gen(function* () {
      const message = yield* refusal({ TENDARR_API_KEY: "hush" }, { TENDARR_API_KEY_FILE: "secret" })
      assert.include(message, "TENDARR_API_KEY and TENDARR_API_KEY_FILE are both set")
      assert.notMatch(message, /hush|secret/)
    })
  )

  it.effect("are refused if they are missing, empty, or contain more than a secret", () =>
    Effect.gen(function* () {
      assert.match(
        yield* refusal({ TENDARR_API_KEY_FILE: "/nowhere/key" }),
        /TENDARR_API_KEY_FILE: \/nowhere\/key cannot/
      )
      assert.match(
        yield* refusal({}, { TENDARR_ADMIN_PASSWORD_FILE: "\n" }),
        /TENDARR_ADMIN_PASSWORD_FILE: .* is empty/
      )
      assert.match(yield* refusal({}, { TENDARR_API_KEY_FILE: "one\ntwo\n" }), /more than one line/)
    })
  )
})
