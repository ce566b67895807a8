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

describe("scopes", () => {
  it("are ordered: each includes those before it", () => {
    const table = scopes.map((has) => scopes.filter((needs) => allows(has, needs)))
    assert.deepStrictEqual(table, [["read"], ["read", "operate"], ["read", "operate", "admin"]])
  })

  const principal = (scope: Scope) => ({ ...localPrincipal, type: "key" as const, scope, actor: "key:script" })

  it.effect("refuse what needs a wider one, and say which", () =>
    Effect.gen(function* () {
      const refused = yield* requireScope("operate").pipe(asPrincipal(principal("read")), Effect.flip)
      assert.strictEqual(refused.status, 403)
      assert.strictEqual(refused.needs, "operate")
      assert.strictEqual(refused.has, "read")
      const admitted = yield* requireScope("operate").pipe(asPrincipal(principal("operate")))
      assert.strictEqual(admitted.actor, "key:script")
    })
  )

  it.effect("make nobody an account: what belongs to one is refused to keys and to the command", () =>
    Effect.gen(function* () {
      for (const other of [principal("admin"), localPrincipal]) {
        const refused = yield* requireAccount.pipe(asPrincipal(other), Effect.flip)
        assert.deepStrictEqual([refused.status, refused.code], [403, "account-needed"])
      }
      const account = accountPrincipal("1", "ada", "7")
      assert.deepStrictEqual(yield* requireAccount.pipe(asPrincipal(account)), { accountId: "1", sessionId: "7" })
    })
  )

  it.effect("go with the name that events carry", () =>
    Effect.gen(function* () {
      const actor = Effect.gen(function* () {
        return yield* Actor
      })
      assert.strictEqual(yield* asPrincipal(principal("read"))(actor), "key:script")
    })
  )
})
