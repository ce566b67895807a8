/** `tendarr integrations`: the applications that Tendarr reads from and acts on. */
import { Clock, Console, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { misused, troubled } from "../Failure.ts"
import { changedConfig, kindNamed, wholeConfig } from "../IntegrationConfig.ts"
import { clean, count } from "../output/Format.ts"
import {
  heldLines,
  integrationLines,
  integrationTable,
  kindTable,
  syncTotals,
  testLines
} from "../output/Integrations.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, textFlag } from "../Root.ts"
import { integrationNamed, integrationsNamed } from "../Selection.ts"
import { add, edit } from "./IntegrationChanges.ts"
import { configFlags, keepKeyFlag } from "./IntegrationFlags.ts"
import { replace } from "./IntegrationReplacement.ts"

const one = Argument.String("integration").pipe(Argument.withDescription("Id or name"))

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.integrations.list())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () =>
        found.items.length === 0
          ? ["No integration is connected; `tendarr init` finds applications"]
          : integrationTable(found.items, style, width)
      )
    })
  )
).pipe(Command.withDescription("List the connected applications and their health"))

const show = Command.make("show", { integration: one }, ({ integration }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id } = yield* integrationNamed(ask, integration)
      const found = yield* ask((client) => client.integrations.get({ path: { id } }))
      const sources = yield* ask((client) => client.integrations.sources({ path: { id } }))
      const style = yield* currentStyle
      const width = yield* terminalWidth
      const now = yield* Clock.currentTimeMillis
      yield* answer(found, () => integrationLines(found, sources.items, style, width, now))
    })
  )
).pipe(Command.withDescription("Show an integration with its options and the state of its data"))

const kinds = Command.make("kinds", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.integrations.kinds())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () => kindTable(found.items, style, width))
    })
  )
).pipe(Command.withDescription("List the kinds of applications that can be connected, and what each needs"))

const check = Command.make(
  "check",
  {
    integrations: Argument.String("integration").pipe(
      Argument.withDescription("Ids or names; by default all enabled integrations"),
      Argument.variadic({ min: 0 })
    )
  },
  ({ integrations }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const chosen =
          integrations.length > 0
            ? yield* integrationsNamed(ask, integrations)
            : (yield* ask((client) => client.integrations.list())).items.filter(({ enabled }) => enabled)
        const items = yield* Effect.forEach(
          chosen,
          ({ id }) => ask((client) => client.integrations.check({ path: { id } })),
          { concurrency: 4 }
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer({ items }, () =>
          items.length === 0 ? ["No integration is enabled"] : integrationTable(items, style, width)
        )
        const failed = items.filter(({ health }) => health.problems.some(({ severity }) => severity === "error"))
        if (failed.length > 0) return yield* troubled(`${count(failed.length, "integration")} failing`)
      })
    )
).pipe(Command.withDescription("Check the health of the applications now"))

const test = Command.make(
  "test",
  {
    target: Argument.String("integration").pipe(
      Argument.withDescription("Id or name of an integration, or with --address a kind")
    ),
    address: textFlag("address", "URL", "Another address"),
    keepKey: keepKeyFlag,
    set: configFlags.set,
    keyFile: configFlags.keyFile
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const { items } = yield* ask((client) => client.integrations.list())
        const stored = items.find(({ id, name }) => id === input.target || sameName(name, input.target))
        const result = yield* stored === undefined
          ? Effect.gen(function* () {
              const kind = yield* kindNamed(ask, input.target)
              if (Option.isNone(input.address)) return yield* misused(`Give the --address of the ${kind.title} to test`)
              const url = input.address.value
              const config = yield* wholeConfig(kind, kind.title, input)
              return yield* ask((client) => client.integrations.test({ body: { kind: kind.id, url, config } }))
            })
          : Effect.gen(function* () {
              const config = yield* changedConfig(yield* kindNamed(ask, stored.kind), stored.name, input)
              const url = Option.getOrUndefined(input.address)
              return yield* ask((client) =>
                client.integrations.test({
                  body: {
                    integrationId: stored.id,
                    ...(url === undefined ? {} : { url }),
                    ...(input.keepKey ? { confirmSecretReuse: true } : {}),
                    ...(Object.keys(config).length === 0 ? {} : { config })
                  }
                })
              )
            })
        const style = yield* currentStyle
        yield* answer(result, () => testLines(result, style))
        if (!result.ok) return yield* troubled("The connection does not work")
      })
    )
).pipe(
  Command.withDescription("Test a connection, stored or not; stores nothing"),
  Command.withExamples([
    { command: "tendarr integrations test Radarr", description: "A stored integration" },
    {
      command: "tendarr integrations test plex --address http://nas:32400",
      description: "An application that is not connected yet"
    }
  ])
)

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const remove = Command.make("remove", { integration: one, yes: yesFlag }, ({ integration, yes }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id, name } = yield* integrationNamed(ask, integration)
      yield* confirm(`Disconnect ${clean(name)}? Its items count as gone; their history is kept.`, yes)
      yield* ask((client) => client.integrations.remove({ path: { id } }))
      yield* answer(null, () => [`${clean(name)} was disconnected`])
    })
  )
).pipe(Command.withDescription("Disconnect an application; nothing is removed in it"))

const heldSync = Command.make("held-sync", { integration: one }, ({ integration }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id, name } = yield* integrationNamed(ask, integration)
      const held = yield* ask((client) => client.integrations.heldSync({ path: { id } }))
      yield* answer(held, () => heldLines(name, held))
    })
  )
).pipe(
  Command.withDescription("Show why a sync is held, and what would disappear if it were applied"),
  Command.withShortDescription("Show what a held sync would remove from the library")
)

const confirmSync = Command.make("confirm-sync", { integration: one, yes: yesFlag }, ({ integration, yes }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { json } = yield* root
      const { id, name } = yield* integrationNamed(ask, integration)
      const held = yield* ask((client) => client.integrations.heldSync({ path: { id } }))
      if (!json) yield* Console.log(heldLines(name, held).join("\n"))
      yield* confirm(`Apply the held sync of ${clean(name)}? Whatever it no longer contains counts as gone.`, yes)
      const report = yield* ask((client) => client.integrations.confirmSync({ path: { id } }))
      yield* answer({ ...report, held }, () => [`The held sync of ${clean(name)} was applied`, syncTotals(report)])
    })
  )
).pipe(
  Command.withDescription("List what would disappear, and apply a sync that was held because so much would disappear"),
  Command.withShortDescription("Apply a held sync")
)

const discardSync = Command.make("discard-sync", { integration: one }, ({ integration }) =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const { id, name } = yield* integrationNamed(ask, integration)
      yield* ask((client) => client.integrations.discardSync({ path: { id } }))
      yield* answer(null, () => [`The held sync of ${clean(name)} was discarded; the library stays as it is`])
    })
  )
).pipe(Command.withDescription("Discard a held sync"))

export const integrations = Command.make("integrations").pipe(
  Command.withDescription("Applications of the stack: connect, test, change, disconnect"),
  Command.withSubcommands([
    list,
    show,
    kinds,
    add,
    edit,
    test,
    check,
    remove,
    heldSync,
    confirmSync,
    discardSync,
    replace
  ])
)
