/** `tendarr keys`: API keys for programs and people. */
import type { ApiKey } from "@tendarr/sdk-client"
import { Clock, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { ago, clean, parseSpan } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, textFlag } from "../Root.ts"
import { apiKeyNamed } from "../Selection.ts"

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.access.apiKeys())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () =>
        found.items.length === 0
          ? ["There is no key yet; `tendarr keys create` makes one"]
          : keyTable(found.items, style, width, now)
      )
    })
  )
).pipe(Command.withDescription("List the keys; they are stored hashed and cannot be shown again"))

const create = Command.make(
  "create",
  {
    name: Argument.String("name").pipe(Argument.withDescription("What it is used for")),
    scope: Flag.Literals("scope", ["read", "operate", "admin"]).pipe(
      Flag.withDescription("read: view. operate: also run jobs and decide on removals. admin: everything"),
      Flag.withDefault("read")
    ),
    expires: textFlag("expires", "SPAN", "Let it expire after this duration: 12h, 30d, 52w; by default never")
  },
  (input) =>
    Effect.flatMap(Effect.transposeOption(Option.map(input.expires, expiryOf)), (expiresAt) =>
      withTendarr(({ ask }) =>
        Effect.gen(function* () {
          const created = yield* ask((client) =>
            client.access.createApiKey({
              body: {
                name: input.name,
                scope: input.scope,
                ...(Option.isNone(expiresAt) ? {} : { expiresAt: expiresAt.value })
              }
            })
          )
          const style = yield* currentStyle
          yield* answer(created, () => [
            created.key,
            "",
            `This is the key "${clean(created.apiKey.name)}" with the scope ${created.apiKey.scope}${
              created.apiKey.expiresAt === null ? "" : `, valid until ${created.apiKey.expiresAt}`
            }.`,
            style.warn("Save it now: it is not shown again.")
          ])
        })
      )
    )
).pipe(
  Command.withDescription("Create a key; it is printed only this once"),
  Command.withExamples([
    { command: "tendarr keys create dashboard", description: "A key that may only read" },
    { command: "tendarr keys create nightly --scope operate --expires 52w", description: "A key for a script" }
  ])
)

const expiryOf = Effect.fnUntraced(function* (text: string) {
  const millis = parseSpan(text)
  if (millis === null) return yield* misused(`"${text}" is not a duration; give one such as 12h, 30d, 52w`)
  return new Date((yield* Clock.currentTimeMillis) + millis).toISOString()
})

const one = Argument.String("key").pipe(Argument.withDescription("Id or name"))

const rename = Command.make(
  "rename",
  { key: one, name: Argument.String("name").pipe(Argument.withDescription("The new name")) },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { id } = yield* apiKeyNamed(ask, input.key)
        const renamed = yield* ask((client) => client.access.renameApiKey({ path: { id }, body: { name: input.name } }))
        yield* answer(renamed, () => [`Key ${id} was renamed to "${clean(renamed.name)}"`])
      })
    )
).pipe(Command.withDescription("Rename a key"))

const revoke = Command.make("revoke", { key: one, yes: yesFlag }, ({ key, yes }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id, name } = yield* apiKeyNamed(ask, key)
      yield* confirm(`Revoke the key "${clean(name)}"? Its users lose access immediately.`, yes)
      yield* ask((client) => client.access.revokeApiKey({ path: { id } }))
      yield* answer(null, () => [`The key "${clean(name)}" was revoked`])
    })
  )
).pipe(Command.withDescription("Revoke a key permanently"))

const keyTable = (keys: ReadonlyArray<ApiKey>, style: Style, width: number | null, now: number) =>
  table<ApiKey>(
    [
      { header: "ID", cell: ({ id }) => id },
      { header: "NAME", flexible: true, cell: ({ name }) => name },
      { header: "SCOPE", cell: ({ scope }) => scope },
      { header: "ENDS IN", cell: ({ hint }) => `…${hint}` },
      { header: "MADE", cell: ({ createdAt }) => ago(createdAt, now) },
      { header: "USED", cell: ({ lastUsedAt }) => (lastUsedAt === null ? "never" : ago(lastUsedAt, now)) },
      { header: "EXPIRES", cell: ({ expiresAt }) => (expiresAt === null ? "never" : ago(expiresAt, now)) }
    ],
    keys,
    { style, width }
  )

export const keys = Command.make("keys").pipe(
  Command.withDescription("API keys: list, create, rename, revoke"),
  Command.withSubcommands([list, create, rename, revoke])
)
