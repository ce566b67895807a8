/** Which observations are of one account, and which accounts are of one person. If that is uncertain, they stay separate. */
import { assert, describe, it } from "vitest"
import type { RequestEntry, ServerAccount, ViewerObservation } from "../../src/integrations/Observations.ts"
import { PersonMatcher, type Account, type StoredIdentity } from "../../src/viewers/PersonMatcher.ts"
import { request } from "../library/Samples.ts"

const by = (name: string, account?: ServerAccount, names?: ReadonlyArray<string>): ViewerObservation => ({
  name,
  ...(names === undefined ? {} : { names }),
  ...(account === undefined ? {} : { account }),
  plays: 1,
  lastPlayedAt: null
})

const indexOf = (
  servers: Readonly<Record<string, ReadonlyArray<ViewerObservation>>>,
  stored: ReadonlyArray<StoredIdentity> = [],
  requests: ReadonlyArray<RequestEntry> = []
): PersonMatcher => {
  const index = new PersonMatcher(stored)
  for (const [server, viewers] of Object.entries(servers)) for (const viewer of viewers) index.add(server, viewer)
  for (const one of requests) index.addRequester("9", one)
  return index
}

/** The names of each account of a server, and the number of people. */
const accountsIn = (index: PersonMatcher) =>
  index.accounts.map(({ integrationId, names }) => `${integrationId}: ${[...names].sort().join(" ")}`).sort()
const peopleIn = (index: PersonMatcher): number => new Set(index.accounts.map(({ person }) => person)).size

const identity = (given: Partial<StoredIdentity> & Pick<StoredIdentity, "id">): StoredIdentity => ({
  viewerId: given.id,
  integrationId: "1",
  role: "account",
  key: "account:id:7",
  keys: ["id:7"],
  sharedIds: [],
  name: "Bob",
  names: ["Bob"],
  ambiguous: [],
  placedBy: "sync",
  missingSince: null,
  ...given
})

describe("Accounts of one server", () => {
  it("are one by their id, whatever each source calls them", () => {
    const index = indexOf({ 1: [by("Bob", { id: "7" }), by("robert", { id: "7" }), by("Ann", { id: "8" })] })
    assert.deepStrictEqual(accountsIn(index), ["1: Ann", "1: Bob robert"])
  })

  it("are one by their login, if one of the sources knows no id", () => {
    const index = indexOf({ 1: [by("Bob", { id: "7", login: "bob" }), by("B.", { login: "BOB" })] })
    assert.deepStrictEqual(accountsIn(index), ["1: B. Bob"])
  })

  it("stay two with one name and two ids, and a source that knows only the name is a third", () => {
    const index = indexOf({ 1: [by("Bob", { id: "7" }), by("Bob", { id: "8" }), by("Bob")] })
    assert.deepStrictEqual(accountsIn(index), ["1: Bob", "1: Bob", "1: Bob"])
    assert.strictEqual(peopleIn(index), 3)
  })

  it("match a source that knows only names with the one account that has the name", () => {
    const index = indexOf({ 1: [by("Bob", { id: "7" }), by("bob", undefined, ["bob@example.test"]), by("Ann")] })
    assert.deepStrictEqual(accountsIn(index), ["1: Ann", "1: Bob bob bob@example.test"])
  })

  it("do not become one by a login that several of them have had", () => {
    const index = indexOf({
      1: [
        by("Bob", { id: "7", login: "bob", sharedIds: ["number:4007"] }),
        by("Bob", { id: "8", login: "bob", sharedIds: ["number:4008"] }),
        by("Bobby", { login: "bob" }),
        by("B", { login: "bob" })
      ]
    })
    assert.deepStrictEqual(accountsIn(index), ["1: B Bobby", "1: Bob", "1: Bob"])
    assert.lengthOf(new Set(index.accounts.map(({ key }) => key)), 3)
  })
})

describe("Accounts of two servers", () => {
  const personOf = (index: PersonMatcher, account: (one: Account) => boolean) => index.accounts.find(account)?.person

  it("are of two people, if they only share a name", () => {
    const index = indexOf({ 1: [by("Bob", { id: "7" })], 2: [by("bob", { id: "7" })] })
    assert.strictEqual(peopleIn(index), 2)
    assert.deepStrictEqual(
      index.accounts.map(({ additions }) => additions.ambiguous),
      [["Bob"], ["bob"]]
    )
  })

  it("are of one person by an id that both servers share, and then no name is ambiguous", () => {
    const index = indexOf({
      1: [by("Bob", { id: "7", sharedIds: ["number:4007"] })],
      2: [by("bob", { id: "4007", sharedIds: ["number:4007"] })]
    })
    assert.strictEqual(peopleIn(index), 1)
    assert.isUndefined(index.accounts[0]?.additions.ambiguous)
  })

  it("are of one person after they were joined, with the names of both", () => {
    const joined = [
      identity({ id: "1", placedBy: "person" }),
      identity({ id: "2", viewerId: "1", integrationId: "2", name: "robert", names: ["robert"], placedBy: "person" })
    ]
    const index = indexOf({ 1: [by("Bob", { id: "7" })], 2: [by("robert", { id: "7" })] }, joined)
    assert.strictEqual(peopleIn(index), 1)
    assert.deepStrictEqual(
      index.accounts.map(({ additions }) => additions.names),
      [["robert"], ["Bob"]]
    )
  })

  it("are of two people after they were split, whatever ids they share", () => {
    const sharedIds = ["number:4007"]
    const split = [
      identity({ id: "1", sharedIds, placedBy: "person" }),
      identity({ id: "2", integrationId: "2", sharedIds, placedBy: "person" })
    ]
    const index = indexOf({ 1: [by("Bob", { id: "7", sharedIds })], 2: [by("Bob", { id: "7", sharedIds })] }, split)
    assert.strictEqual(peopleIn(index), 2)
    assert.notStrictEqual(
      personOf(index, (one) => one.integrationId === "1"),
      personOf(index, (one) => one.integrationId === "2")
    )
  })

  it("are matched by stored names that no current reading contains", () => {
    const away = identity({ id: "5", integrationId: "2", name: "Bob", names: ["Bob"] })
    const index = indexOf({ 1: [by("Bob", { id: "7" })] }, [away])
    assert.deepStrictEqual(index.accountOf("1", by("Bob", { id: "7" })).additions.ambiguous, ["Bob"])
  })
})

describe("A stored account", () => {
  it("is found again by its id after it was renamed, and keeps its key", () => {
    const [account, ...others] = indexOf({ 1: [by("Robert", { id: "7", login: "robert" })] }, [
      identity({ id: "3", viewerId: "30" })
    ]).accounts
    assert.deepStrictEqual(others, [])
    assert.deepInclude(account, { key: "account:id:7", name: "Robert", names: ["Robert"], present: true })
    assert.strictEqual(account?.person.viewerId, "30")
  })

  it("is found again by its login when a source brings the id", () => {
    const known = identity({ id: "3", key: "account:login:bob", keys: ["login:bob"] })
    const [account, ...others] = indexOf({ 1: [by("Bob", { id: "7", login: "Bob" })] }, [known]).accounts
    assert.deepStrictEqual([others, account?.key, account?.stored?.id], [[], "account:login:bob", "3"])
  })
})

describe("The requester of an item", () => {
  const bob = by("Bob", { id: "7", sharedIds: ["number:4007"] })
  const other = by("Bob", { id: "a1", sharedIds: ["guid:a1"] })
  const asked = (sharedIds: ReadonlyArray<string>) =>
    request([], ["Bob", "bob@example.test"], { requester: { id: "3", sharedIds } })
  const recognised = (index: PersonMatcher, entry: RequestEntry) => index.requesterOf("9", entry)

  it("is the only person of that name", () => {
    const entry = request([], ["Bob"])
    assert.deepStrictEqual(recognised(indexOf({ 1: [bob] }, [], [entry]), entry), { names: ["Bob"] })
  })

  it("may be either of two people of that name", () => {
    const entry = request([], ["Bob"])
    assert.deepStrictEqual(recognised(indexOf({ 1: [bob], 2: [other] }, [], [entry]), entry).ambiguous, ["Bob"])
  })

  it("is the one whose id the request contains, despite another person with that name", () => {
    const entry = asked(["number:4007"])
    const index = indexOf({ 1: [bob], 2: [other] }, [], [entry])
    const { ambiguous, person } = recognised(index, entry)
    assert.deepStrictEqual(ambiguous, ["Bob"])
    assert.strictEqual(person, index.accountOf("1", bob).additions.person)
  })

  it("is not the only person of that name if that one has another id", () => {
    const entry = asked(["number:5555"])
    assert.deepStrictEqual(recognised(indexOf({ 1: [bob] }, [], [entry]), entry).ambiguous, ["Bob"])
  })

  it("is recognised by the names of an account that was joined", () => {
    const stored = [
      identity({ id: "1", name: "rob", names: ["rob"], placedBy: "person" }),
      identity({
        id: "2",
        viewerId: "1",
        integrationId: "9",
        role: "requester",
        key: "requester:id:3",
        keys: ["id:3"],
        placedBy: "person"
      })
    ]
    const entry = asked([])
    const index = indexOf({ 1: [by("rob", { id: "7" })] }, stored, [entry])
    assert.deepStrictEqual(recognised(index, entry), { names: ["Bob", "bob@example.test", "rob"] })
  })
})

describe("A mail address", () => {
  const mail = "mail:ann@example.test"
  const asked = (id: string, sharedIds: ReadonlyArray<string>, name = "Ann") =>
    request([], [name], { requestId: id, requester: { id, sharedIds } })

  it("makes accounts of different applications one person, and no two accounts of one application one account", () => {
    const ann = by("Annie", { id: "7", sharedIds: ["number:41000", mail] })
    assert.strictEqual(peopleIn(indexOf({ 1: [ann] }, [], [asked("3", [mail])])), 1)
    assert.strictEqual(peopleIn(indexOf({ 1: [ann] }, [], [asked("3", ["mail:ben@example.test"])])), 2)
    // A household shares it: it is not known whose account the requester's is.
    const ben = by("Ben", { id: "8", sharedIds: ["number:42000", mail] })
    const shared = indexOf({ 1: [ann, ben] }, [], [asked("3", [mail])])
    assert.strictEqual(peopleIn(shared), 3)
    assert.strictEqual(shared.accounts.length, 3)
  })

  it("does not join people whom ids distinguish, nor move what somebody has placed", () => {
    const ann = by("Annie", { id: "7", sharedIds: ["number:41000", mail] })
    assert.strictEqual(peopleIn(indexOf({ 1: [ann] }, [], [asked("3", ["number:43000", mail])])), 2)
    const placed = identity({
      id: "5",
      viewerId: "2",
      integrationId: "9",
      role: "requester",
      key: "requester:id:3",
      keys: ["id:3"],
      placedBy: "person"
    })
    // As after they were split.
    const stored = [identity({ id: "4", viewerId: "1", keys: ["id:7"], placedBy: "person" }), placed]
    assert.strictEqual(peopleIn(indexOf({ 1: [ann] }, stored, [asked("3", [mail])])), 2)
  })

  it("that differs does not show that accounts are different ones", () => {
    const [one, other] = [
      by("Ann", { id: "7", login: "ann", sharedIds: [mail] }),
      by("Ann", { login: "ann", sharedIds: ["mail:ann@elsewhere.test"] })
    ]
    assert.strictEqual(indexOf({ 1: [one, other] }).accounts.length, 1)
  })

  it("that an account no longer has joins nobody", () => {
    const stored = [identity({ id: "4", viewerId: "1", keys: ["id:7"], sharedIds: [mail] })]
    const index = indexOf({ 1: [by("Annie", { id: "7" })] }, stored, [asked("3", [mail])])
    assert.strictEqual(peopleIn(index), 2)
  })
})
