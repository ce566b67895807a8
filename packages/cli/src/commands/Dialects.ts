/** `tendarr dialects`: the APIs of other products that the server speaks. */
import { dialectIdentities, dialectNames } from "@tendarr/core/settings/DialectsSettings"
import type { Dialect } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, toggle } from "../Root.ts"

const one = Argument.Literals("dialect", dialectNames).pipe(Argument.withDescription("Name of the dialect"))

const stateOf = (ask: Ask, name: Dialect["name"]) =>
  Effect.map(
    ask((client) => client.dialects.list()),
    ({ items }) => items.filter((dialect) => dialect.name === name)
  )

/** A server switches dialects shortly after the settings have changed. */
const settled = Effect.fnUntraced(function* (ask: Ask, name: Dialect["name"], isServed: boolean) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const found = yield* stateOf(ask, name)
    if (found.every(({ problem, url }) => problem !== null || (url !== null) === isServed)) return found
    yield* Effect.sleep("100 millis")
  }
  return yield* stateOf(ask, name)
})

const list = Command.make("list", {}, () =>
  withTendarr(({ ask }) =>
    Effect.gen(function* () {
      const found = yield* ask((client) => client.dialects.list())
      const style = yield* currentStyle
      const width = yield* terminalWidth
      yield* answer(found, () => dialectTable(found.items, style, width))
    })
  )
).pipe(Command.withDescription("List the dialects, and where they are served"))

const enable = Command.make(
  "enable",
  {
    name: one,
    port: Flag.Int("port").pipe(
      Flag.withMetavar("PORT"),
      Flag.withDescription("Serve it also alone on this port, at its root, for clients that cannot be given a path"),
      Flag.optional
    )
  },
  ({ name, port }) =>
    withTendarr(({ ask, server }) =>
      Effect.gen(function* () {
        yield* ask((client) =>
          client.settings.patch({
            path: { group: "dialects" },
            body: { [name]: { enabled: true, ...(Option.isSome(port) ? { port: port.value } : {}) } }
          })
        )
        const found = yield* server === null ? stateOf(ask, name) : settled(ask, name, true)
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(found[0], () => [
          ...dialectTable(found, style, width),
          "",
          `Its key: tendarr dialects key ${name}`,
          ...(server === null ? ["It is served when the server runs"] : [])
        ])
      })
    )
).pipe(
  Command.withDescription("Switch a dialect on, permanently"),
  Command.withExamples([
    { command: "tendarr dialects enable prunerr", description: "Below /prunerr, on the port of Tendarr" },
    { command: "tendarr dialects enable prunerr --port 3000", description: "Also alone on the port of the product" }
  ])
)

const disable = Command.make("disable", { name: one }, ({ name }) =>
  withTendarr(({ ask, server }) =>
    Effect.gen(function* () {
      yield* ask((client) =>
        client.settings.patch({ path: { group: "dialects" }, body: { [name]: { enabled: false, port: null } } })
      )
      const [found] = yield* server === null ? stateOf(ask, name) : settled(ask, name, false)
      yield* answer(found, () => [
        found?.byFlag === true
          ? `${dialectIdentities[name].title} stays on until the server is started without the flag for it`
          : `${dialectIdentities[name].title} is switched off`
      ])
    })
  )
).pipe(Command.withDescription("Switch a dialect off"))

const key = Command.make(
  "key",
  {
    name: one,
    renew: toggle("renew", "Create a new key; the former one is refused immediately"),
    yes: yesFlag
  },
  ({ name, renew, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        if (renew) {
          yield* confirm(
            `Replace the key of ${dialectIdentities[name].title}? Its clients lose access until they have the new one.`,
            yes
          )
        }
        const found = yield* ask((client) =>
          renew ? client.dialects.renewKey({ path: { name } }) : client.dialects.key({ path: { name } })
        )
        yield* answer(found, () => [found.key])
      })
    )
).pipe(Command.withDescription("Show the key of a dialect, or replace it"))

const dialectTable = (dialects: ReadonlyArray<Dialect>, style: Style, width: number | null) =>
  table<Dialect>(
    [
      { header: "NAME", cell: ({ name }) => name },
      { header: "PRODUCT", cell: ({ title }) => title },
      { header: "ON", cell: ({ byFlag, enabled }) => (enabled ? (byFlag ? "by flag" : "yes") : "no") },
      { header: "ADDRESS", flexible: true, cell: ({ url }) => url ?? "–" },
      {
        header: "OWN PORT",
        flexible: true,
        cell: ({ ownUrl, port }) => ownUrl ?? (port === null ? "–" : String(port))
      },
      {
        header: "PROBLEM",
        flexible: true,
        cell: ({ problem }) => clean(problem ?? "–"),
        paint: (text, { problem }) => (problem === null ? text : style.bad(text))
      }
    ],
    dialects,
    { style, width }
  )

export const dialects = Command.make("dialects").pipe(
  Command.withDescription("The APIs of other products that the server speaks: list, enable, disable, key"),
  Command.withShortDescription("The APIs of other products"),
  Command.withSubcommands([list, enable, disable, key])
)
