/** `tendarr integrations add | edit`: stores a connection only if its test succeeds. */
import type { ConnectionTest, IntegrationPatch } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { failed, misused } from "../Failure.ts"
import { changedConfig, kindNamed, wholeConfig } from "../IntegrationConfig.ts"
import { clean } from "../output/Format.ts"
import { integrationTable, testLines } from "../output/Integrations.ts"
import { currentStyle, plain } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { answer, textFlag, toggle } from "../Root.ts"
import { integrationNamed } from "../Selection.ts"
import { configFlags, keepKeyFlag, optionFlags, optionsOf } from "./IntegrationFlags.ts"

export const add = Command.make(
  "add",
  {
    kind: Argument.String("kind").pipe(
      Argument.withDescription("Kind of application, see `tendarr integrations kinds`")
    ),
    address: Argument.String("address").pipe(Argument.withDescription("For example http://radarr:7878")),
    name: textFlag("name", "NAME", "A name, if not that of its kind"),
    ...configFlags,
    ...optionFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const kind = yield* kindNamed(ask, input.kind)
        const name = Option.getOrElse(input.name, () => kind.title)
        const options = yield* optionsOf(ask, input)
        const config = yield* wholeConfig(kind, name, input)
        if (!input.untested) yield* expectAnswer(ask, { kind: kind.id, url: input.address, config }, "was not added")
        const added = yield* ask((client) =>
          client.integrations.create({
            body: { kind: kind.id, name, url: input.address, config, ...(options === undefined ? {} : { options }) }
          })
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(added, () => [
          ...integrationTable([added], style, width),
          "",
          `\`tendarr sync --integration ${added.id}\` reads it`
        ])
      })
    )
).pipe(
  Command.withDescription(
    "Connect an application. Its key is prompted for, or read from TENDARR_KEY_<NAME>, TENDARR_KEY_<KIND>, or --key-file"
  ),
  Command.withShortDescription("Connect an application"),
  Command.withExamples([
    { command: "tendarr integrations add radarr http://radarr:7878", description: "Prompts for the key" },
    {
      command: "tendarr integrations add sonarr http://sonarr:8989 --key-file /run/secrets/sonarr --whole-shows",
      description: "For a script"
    }
  ])
)

export const edit = Command.make(
  "edit",
  {
    integration: Argument.String("integration").pipe(Argument.withDescription("Id or name")),
    name: textFlag("name", "NAME", "A new name"),
    address: textFlag("address", "URL", "A new address"),
    newKey: toggle("new-key", "Prompt for a new key, or read it from the environment"),
    keepKey: keepKeyFlag,
    enabled: Flag.Boolean("enabled").pipe(
      Flag.withOptionalValue("true"),
      Flag.withDescription("Enable it, or with --no-enabled disable it"),
      Flag.optional
    ),
    ...configFlags,
    ...optionFlags
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const before = yield* integrationNamed(ask, input.integration)
        const kind = yield* kindNamed(ask, before.kind)
        const config = yield* changedConfig(kind, before.name, input, input.newKey)
        const options = yield* optionsOf(ask, input)
        const patch: IntegrationPatch = {
          ...(Option.isSome(input.name) ? { name: input.name.value } : {}),
          ...(Option.isSome(input.address) ? { url: input.address.value } : {}),
          ...(Option.isSome(input.enabled) ? { enabled: input.enabled.value } : {}),
          ...(Object.keys(config).length === 0 ? {} : { config }),
          ...(options === undefined ? {} : { options })
        }
        if (Object.keys(patch).length === 0) {
          return yield* misused("No change was given", "See `tendarr integrations edit --help`.")
        }
        const confirmed = input.keepKey ? { confirmSecretReuse: true } : {}
        if (!input.untested && (patch.url !== undefined || patch.config !== undefined)) {
          const { config: changed, url } = patch
          const draft = { ...(url === undefined ? {} : { url }), ...(changed === undefined ? {} : { config: changed }) }
          yield* expectAnswer(ask, { integrationId: before.id, ...draft, ...confirmed }, "was not changed")
        }
        const changed = yield* ask((client) =>
          client.integrations.update({
            path: { id: before.id },
            headers: { "if-match": `"${before.version}"` },
            body: { ...patch, ...confirmed }
          })
        )
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(changed, () => integrationTable([changed], style, width))
      })
    )
).pipe(
  Command.withDescription("Change an integration: name, address, key, options, enabled or not"),
  Command.withExamples([
    { command: "tendarr integrations edit Radarr --address http://nas:7878 --keep-key", description: "It was moved" },
    { command: "tendarr integrations edit Sonarr --new-key", description: "Prompts for a new key" }
  ])
)

/** Tests the connection through Tendarr, and fails with what is wrong. */
const expectAnswer = Effect.fnUntraced(function* (ask: Ask, draft: ConnectionTest, otherwise: string) {
  const result = yield* ask((client) => client.integrations.test({ body: draft }))
  if (result.ok) return
  const [said = "", ...more] = testLines(result, plain)
  const hint = more.join(" ").replace(/^\s*→\s*/, "")
  return yield* failed(
    `${clean(said.replace(/^no\s+/, ""))}; it ${otherwise}`,
    "connection-failed",
    `${hint}${hint === "" ? "" : "\n"}--untested stores it nevertheless.`
  )
})
