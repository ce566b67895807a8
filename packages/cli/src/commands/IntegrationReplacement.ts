/** `tendarr integrations replace`: one media server in the place of another one. */
import type { Replacement, ReplacementPlan, ReplacementRequest } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { misused } from "../Failure.ts"
import { clean, count } from "../output/Format.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, root, toggle } from "../Root.ts"
import { integrationNamed } from "../Selection.ts"

const renamed = (flag: string, what: string) =>
  Flag.String(flag).pipe(
    Flag.withMetavar("OLD=NEW"),
    Flag.withDescription(`Name of a ${what} on the new server; OLD= for none; may be repeated`),
    Flag.atLeast(0)
  )

export const replace = Command.make(
  "replace",
  {
    former: Argument.String("former").pipe(Argument.withDescription("Id or name of the media server that is replaced")),
    successor: Argument.String("successor").pipe(
      Argument.withDescription("Id or name of the new media server; not with --undo"),
      Argument.variadic({ max: 1 })
    ),
    library: renamed("library", "library"),
    collection: renamed("collection", "collection"),
    label: renamed("label", "label"),
    account: Flag.String("account").pipe(
      Flag.withMetavar("OLD=NEW"),
      Flag.withDescription(
        "Ids of two accounts of one person, as `tendarr users show` lists them; OLD= for another person; may be repeated"
      ),
      Flag.atLeast(0)
    ),
    apply: toggle("apply", "Replace it; without it, nothing is changed"),
    undo: toggle("undo", "Undo the replacement, while the former integration exists"),
    yes: yesFlag
  },
  (input) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const former = yield* integrationNamed(ask, input.former)
        const path = { id: former.id }
        const [named] = input.successor
        if (input.undo) {
          if (named !== undefined || input.apply) return yield* misused("--undo takes only the former media server")
          yield* confirm(`Undo the replacement of ${former.name}?`, input.yes)
          yield* ask((client) => client.integrations.undoReplacement({ path }))
          return yield* answer({ undone: true }, () => [`${clean(former.name)} is a media server again`])
        }
        if (named === undefined)
          return yield* misused(
            "The new media server is missing",
            `\`tendarr integrations replace "${former.name}" NEW\` shows what would be carried over.`
          )
        const successor = yield* integrationNamed(ask, named)
        const names = yield* Effect.forEach(
          [
            ...input.library.map((text) => ["library", text] as const),
            ...input.collection.map((text) => ["collections", text] as const),
            ...input.label.map((text) => ["labels", text] as const)
          ],
          ([what, text]) => Effect.map(pairOf(text), (pair) => ({ what, ...pair }))
        )
        const accounts = yield* Effect.forEach(input.account, pairOf)
        const body: ReplacementRequest = {
          successorId: successor.id,
          ...(names.length === 0 ? {} : { names }),
          ...(accounts.length === 0 ? {} : { accounts })
        }
        const plan = yield* ask((client) => client.integrations.previewReplacement({ path, body }))
        if (!input.apply) {
          return yield* answer(plan, () => [
            ...planLines(plan),
            "",
            "Nothing was changed. With --apply, exactly this is done."
          ])
        }
        const { json } = yield* root
        yield* confirm([...(json ? [] : planLines(plan)), `Replace ${former.name}?`].join("\n"), input.yes)
        const done: Replacement = yield* ask((client) =>
          client.integrations.replace({ path, body: { ...body, fingerprint: plan.fingerprint } })
        )
        yield* answer(done, () => [
          ...(input.yes ? [...planLines(plan), ""] : []),
          `${clean(former.name)} is replaced by ${clean(successor.name)} and switched off. Run \`tendarr sync\` now; --undo undoes the replacement.`
        ])
      })
    )
).pipe(
  Command.withDescription(
    "Replace a media server by another one, such as Plex by Jellyfin. The names that rules and protections use, people, and the plays that only the former server knows are carried over; what cannot be is listed. Nothing is changed without --apply, and then all of it or nothing."
  ),
  Command.withShortDescription("Replace a media server by another one"),
  Command.withExamples([
    { command: "tendarr integrations replace Plex Jellyfin", description: "Show what would be carried over" },
    {
      command: "tendarr integrations replace Plex Jellyfin --library Movies=Films --apply",
      description: "Choose a name, and replace it"
    },
    { command: "tendarr integrations replace Plex --undo", description: "Undo the replacement" }
  ])
)

const pairOf = (text: string) => {
  const at = text.indexOf("=")
  if (at < 1) return Effect.fail(misused(`"${text}" must be OLD=NEW`))
  return Effect.succeed({ from: text.slice(0, at), to: at === text.length - 1 ? null : text.slice(at + 1) })
}

const planLines = (plan: ReplacementPlan): ReadonlyArray<string> => {
  const { accounts, integrations, names, notCarried, plays, protections, rules } = plan
  return [
    `Plays of ${count(plays.titles, "title")} go on counting${plays.waiting === 0 ? "" : `; ${plays.waiting} of them are not on the new server yet, so that their plays are unknown until they are`}`,
    ...names.map(({ name, to, usedBy, what }) =>
      clean(`${what} "${name}": ${to === null ? "no such name" : `"${to}"`} (${usedBy.join(", ")})`)
    ),
    ...rules.map(({ changes, name }) => clean(`Rule "${name}": ${changes.join(", ")}`)),
    ...protections.map(({ collection, to }) => clean(`Protected collection "${collection}": "${to}" is protected too`)),
    ...accounts.map(({ because, from, to }) =>
      clean(`Account "${from.name}" (${from.id}): ${to === null ? "none" : `"${to.name}" (${to.id})`}, ${because}`)
    ),
    ...integrations.map(({ because, name }) => clean(`${name} is switched off: ${because}`)),
    ...notCarried.map(({ because, what }) => clean(`Not carried over: ${what}: ${because}`))
  ]
}
