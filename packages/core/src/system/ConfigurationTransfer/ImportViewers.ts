/** Imports which accounts are of one person, including accounts that no sync has read yet. */
import { Effect } from "effect"
import { storedIdentities } from "../../viewers/Identities.ts"
import { type NamedAccount, placeAccounts, type PortableViewer, storedAccount } from "../../viewers/PortableViewers.ts"
import type { Gathering } from "./Gathering.ts"
import type { Owners } from "./Import.ts"

export const importViewers = Effect.fnUntraced(function* (
  { events, sql }: Owners,
  { apply, skip, wrong }: Gathering,
  given: ReadonlyArray<PortableViewer>,
  idOf: (name: string) => string | undefined
) {
  /** Viewers that are people of the document: nobody else of it may be put there. */
  const taken = new Set<string>()
  const named = new Set<string>()
  for (const [index, { accounts, name }] of given.entries()) {
    const stored = yield* storedIdentities(sql)
    const found: Array<{ readonly wanted: NamedAccount; readonly stored: (typeof stored)[number] | undefined }> = []
    for (const [position, account] of accounts.entries()) {
      const path = ["viewers", index, "accounts", position]
      const integrationId = idOf(account.integration)
      if (integrationId === undefined) {
        skip(path, `the integration "${account.integration}" does not exist here`)
        continue
      }
      const identity = JSON.stringify([integrationId, account.role, account.key])
      if (named.has(identity)) {
        wrong([...path, "key"], `"${account.key}" of ${account.integration} appears twice in the document`)
        continue
      }
      named.add(identity)
      const wanted = { ...account, integrationId }
      const one = storedAccount(wanted, stored)
      if (one === "contradicted")
        skip(path, `"${account.key}" is somebody else's account in ${account.integration} here`)
      else found.push({ wanted, stored: one })
    }
    if (found.length === 0) continue
    const viewerId = found.flatMap((one) => one.stored?.viewerId ?? []).find((id) => !taken.has(id)) ?? null
    const moving = found.filter((one) => one.stored?.viewerId !== viewerId || one.stored?.placedBy !== "person")
    if (viewerId !== null) taken.add(viewerId)
    if (moving.length === 0) continue
    const before = stored.filter((one) => one.viewerId === viewerId && one.placedBy === "person")
    const id = yield* apply(
      ["viewers", index],
      {
        section: "viewers",
        name,
        change: viewerId === null ? "add" : "change",
        fields:
          viewerId === null
            ? []
            : [
                {
                  field: "accounts",
                  before: before.map(({ key }) => key),
                  after: [...new Set([...before, ...moving.map(({ wanted }) => wanted)].map(({ key }) => key))]
                }
              ]
      },
      placeAccounts({ events, sql }, { id: viewerId, name }, moving)
    )
    if (id !== null) taken.add(id)
  }
})
