import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { accountPrincipal } from "../../src/access/Account.ts"
import {
  allows,
  asPrincipal,
  localPrincipal,
  requireAccount,
  requireScope,
  type Scope,
  scopes
} from "../../src/access/Scope.ts"
import { Actor } from "../../src/events/Actor.ts"

describe("Scopes", () => {
  it("are ordered: each includes those before it", () => {
    const table = scopes.map((has) => scopes.filter((needs) => allows(has, needs)))
    assert.deepStrictEqual(table, [["read"], ["read", "operate"], ["read", "operate", "admin"]])
  })

  const principal = (scope: Scope) => ({ ...localPrincipal, type: "key" as const, scope, actor: "key:script" })

  it.effect("refuse operations that need a wider one, and name it", () =>
    Effect.gen(function* () {
      const refused = yield* requireScope("operate").pipe(asPrincipal(principal("read")), Effect.flip)
      assert.strictEqual(refused.status, 403)
      assert.strictEqual(refused.needs, "operate")
      assert.strictEqual(refused.has, "read")
      const admitted = yield* requireScope("operate").pipe(asPrincipal(principal("operate")))
      assert.strictEqual(admitted.actor, "key:script")
    })
  )

  it.effect("do not replace an account: operations of an account are refused for keys and the command", () =>
    Effect.gen(function* () {
      for (const other of [principal("admin"), localPrincipal]) {
        const refused = yield* requireAccount.pipe(asPrincipal(other), Effect.flip)
        assert.deepStrictEqual([refused.status, refused.code], [403, "account-needed"])
      }
      const account = accountPrincipal("1", "ada", "7")
      assert.deepStrictEqual(yield* requireAccount.pipe(asPrincipal(account)), { accountId: "1", sessionId: "7" })
    })
  )

  it.effect("belong to the actor in events", () =>
    Effect.gen(function* () {
      const actor = Effect.gen(function* () {
        return yield* Actor
      })
      assert.strictEqual(yield* asPrincipal(principal("read"))(actor), "key:script")
    })
  )
})
