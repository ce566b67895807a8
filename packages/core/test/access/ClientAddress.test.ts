import { assert, describe, it } from "vitest"
import { addressKey, clientOf, type RequestHeaders } from "../../src/access/ClientAddress.ts"

const proxies = ["10.0.0.0/8", "fd00::/8", "192.0.2.1"]

const client = (peer: string | null, headers: RequestHeaders, trusted: ReadonlyArray<string> = proxies) =>
  clientOf({ peer, encrypted: false, headers }, trusted)

const xff = (value: string): RequestHeaders => ({ "x-forwarded-for": value })

describe("clientOf", () => {
  const addresses: ReadonlyArray<[string, string, RequestHeaders, string]> = [
    ["the peer when nothing is forwarded", "203.0.113.9", {}, "203.0.113.9"],
    ["the peer when the peer is no proxy of ours", "203.0.113.9", xff("1.2.3.4"), "203.0.113.9"],
    ["what our proxy saw", "10.0.0.1", xff("1.2.3.4"), "1.2.3.4"],
    ["what our proxy saw, not what the client made up", "10.0.0.1", xff("9.9.9.9, 1.2.3.4"), "1.2.3.4"],
    ["not a made-up proxy before an untrusted hop", "10.0.0.1", xff("9.9.9.9, 10.0.0.5, 1.2.3.4"), "1.2.3.4"],
    ["the client before a chain of our proxies", "10.0.0.1", xff("1.2.3.4, 192.0.2.1,10.9.9.9"), "1.2.3.4"],
    ["the first of the chain when all are our proxies", "10.0.0.1", xff("10.0.0.3, 10.0.0.2"), "10.0.0.3"],
    ["the last hop that can be read", "10.0.0.1", xff("9.9.9.9, garbage, 10.0.0.2"), "10.0.0.2"],
    ["the peer when what is forwarded is garbage", "10.0.0.1", xff("unknown"), "10.0.0.1"],
    ["the peer when what is forwarded is empty", "10.0.0.1", xff(" , "), "10.0.0.1"],
    ["the address without its port", "10.0.0.1", xff("1.2.3.4:5678"), "1.2.3.4"],
    ["an IPv6 address without brackets and port", "fd00::1", xff("[2001:db8::1]:443"), "2001:db8::1"],
    ["IPv4 that came over IPv6", "::ffff:10.0.0.1", xff("::ffff:1.2.3.4"), "1.2.3.4"],
    ["a link-local peer without its zone", "fe80::1%eth0", {}, "fe80::1"],
    ["IPv6 in canonical form", "2001:DB8:0:0::1", {}, "2001:db8::1"]
  ]
  it.each(addresses)("answers %s", (_, peer, headers, expected) => {
    assert.strictEqual(client(peer, headers).address, expected)
  })

  it("trusts no forwarded header without configured proxies", () => {
    const headers = { "x-forwarded-for": "1.2.3.4", "x-forwarded-proto": "https", "x-forwarded-host": "evil.test" }
    const answer = client("127.0.0.1", { ...headers, host: "tendarr.lan" }, [])
    assert.deepStrictEqual(answer, { address: "127.0.0.1", https: false, host: "tendarr.lan" })
  })

  it("uses scheme and host from a trusted proxy", () => {
    const headers = {
      "x-forwarded-for": "1.2.3.4",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "tendarr.example"
    }
    const answer = client("10.0.0.1", { ...headers, host: "127.0.0.1:7878" })
    assert.deepStrictEqual(answer, { address: "1.2.3.4", https: true, host: "tendarr.example" })
  })

  const schemes: ReadonlyArray<[string, string, boolean]> = [
    ["1.2.3.4", "HTTPS", true],
    ["1.2.3.4", "http", false],
    ["1.2.3.4", "gopher", false],
    // The outer proxy was reached by https, the inner one by http.
    ["1.2.3.4, 10.0.0.2", "https, http", true],
    // The first value was sent by the client and cannot be trusted.
    ["9.9.9.9, 1.2.3.4", "https, http", false],
    ["1.2.3.4", "https, http", false]
  ]
  it.each(schemes)("reads the scheme of the client for %s and %s as https: %s", (forwarded, proto, expected) => {
    const headers = { "x-forwarded-for": forwarded, "x-forwarded-proto": proto }
    assert.strictEqual(client("10.0.0.1", headers).https, expected)
  })

  it("uses the socket if no scheme is forwarded, or if there is no address", () => {
    const encrypted = { peer: "10.0.0.1", encrypted: true, headers: {} }
    assert.isTrue(clientOf(encrypted, proxies).https)
    assert.strictEqual(client(null, xff("1.2.3.4")).address, "unknown")
  })
})

describe("addressKey", () => {
  it("is the same for all addresses of one customer", () => {
    assert.strictEqual(addressKey("2001:db8:1:2:3::4"), addressKey("2001:db8:1:2:ffff::"))
    assert.notStrictEqual(addressKey("2001:db8:1:2::1"), addressKey("2001:db8:1:3::1"))
    assert.notStrictEqual(addressKey("1.2.3.4"), addressKey("1.2.3.5"))
  })
})
