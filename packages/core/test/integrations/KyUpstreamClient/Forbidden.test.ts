/** Forbidden addresses, in every notation. Only the guard is called: nothing is sent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { forbidden, guard, HostResolver } from "../../../src/integrations/KyUpstreamClient/AddressGuard.ts"

/** By the clouds whose service has the address. */
const metadata4 = {
  "AWS, Google, Azure, Oracle, DigitalOcean, Hetzner, IBM, OpenStack": "169.254.169.254",
  "tasks of AWS": "169.254.170.2",
  "pods of AWS": "169.254.170.23",
  Scaleway: "169.254.42.42",
  Tencent: "169.254.0.23",
  Alibaba: "100.100.100.200",
  "Oracle Classic": "192.0.0.192",
  "the wire server of Azure": "168.63.129.16"
}

const metadata6 = {
  AWS: "fd00:ec2::254",
  "the pods of AWS": "fd00:ec2::23",
  Google: "fd20:ce::254",
  Oracle: "fd00:c1::a9fe:a9fe",
  Scaleway: "fd00:42::42",
  Akamai: "fd00:a9fe:a9fe::1"
}

const hex = (octet: number) => octet.toString(16).padStart(2, "0")

/** The IPv6 addresses that contain an IPv4 address. */
const wrapped = (address: string): Readonly<Record<string, string>> => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number)
  const high = `${hex(a)}${hex(b)}`
  const low = `${hex(c)}${hex(d)}`
  const turned = [a, b, c, d].map((octet) => hex(octet ^ 0xff))
  return {
    "as an IPv4-mapped address": `::ffff:${address}`,
    "as an IPv4-mapped address in hexadecimal digits": `0:0:0:0:0:FFFF:${high}:${low}`,
    "as an IPv4-translated address": `::ffff:0:${address}`,
    "as an IPv4-compatible address": `::${address}`,
    "through NAT64": `64:ff9b::${address}`,
    "through NAT64 for local use, with a prefix of 96 bits": `64:ff9b:1:2:3::${address}`,
    "through NAT64 for local use, with a prefix of 64 bits": `64:ff9b:1:2:${hex(a)}:${hex(b)}${hex(c)}:${hex(d)}00:0`,
    "through NAT64 for local use, with a prefix of 56 bits": `64:ff9b:1:2${hex(a)}:${hex(b)}:${low}::`,
    "through NAT64 for local use, with a prefix of 48 bits": `64:ff9b:1:${high}:${hex(c)}:${hex(d)}00::`,
    "through 6to4": `2002:${high}:${low}::1`,
    "as the server of Teredo": `2001:0:${high}:${low}:8000:0:0:1`,
    "as the client of Teredo": `2001:0:cb00:7101:0:f227:${turned[0]}${turned[1]}:${turned[2]}${turned[3]}`,
    "through ISATAP": `fd12:3456::5efe:${address}`,
    "through ISATAP with a global identifier": `2a01:4f8::200:5efe:${address}`
  }
}

const asked: Array<string> = []
const refusalOf = (url: string, addresses: ReadonlyArray<string> = []) =>
  Effect.flip(guard(new URL(url))).pipe(
    Effect.provideService(HostResolver, (host) => {
      asked.push(host)
      return Effect.succeed(addresses)
    })
  )

const passes = (url: string, addresses: ReadonlyArray<string> = []) =>
  guard(new URL(url)).pipe(Effect.provideService(HostResolver, () => Effect.succeed(addresses)))

describe("The metadata service of a cloud", () => {
  for (const [cloud, address] of Object.entries(metadata4)) {
    it(`at ${address} (${cloud}) is never called, in any IPv6 form`, () => {
      assert.strictEqual(forbidden(address), "a cloud metadata address")
      for (const [form, carrying] of Object.entries(wrapped(address))) {
        assert.strictEqual(forbidden(carrying), "a cloud metadata address", `${form}: ${carrying}`)
      }
    })
  }

  for (const [cloud, address] of Object.entries(metadata6)) {
    it(`at ${address} (${cloud}) is never called, with a zone or without`, () => {
      assert.strictEqual(forbidden(address), "a cloud metadata address")
      assert.strictEqual(forbidden(`${address}%eth0`), "a cloud metadata address")
    })
  }

  it.effect("is recognised in every spelling that an address in a URL may have", () =>
    Effect.gen(function* () {
      for (const host of [
        "169.254.169.254",
        "169.254.169.254.",
        "169.254.169.254..",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.16689662",
        "１６９.254.169.254",
        "%31%36%39.254.169.254",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
        "1684301000",
        "0x646464c8"
      ]) {
        const { mayPass, reason } = yield* refusalOf(`http://${host}/latest/meta-data`)
        assert.include(reason, "never called", host)
        assert.isFalse(mayPass, host)
      }
      assert.deepStrictEqual(asked, [])
    })
  )

  it.effect("is recognised by its name, whatever the name resolves to", () =>
    Effect.gen(function* () {
      for (const name of [
        "metadata.google.internal",
        "Metadata.Google.Internal.",
        "a.metadata.google.internal",
        "metadata.goog",
        "metadata",
        "instance-data.ec2.internal",
        "api.metadata.cloud.ibm.com",
        "metadata.tencentyun.com"
      ]) {
        assert.include((yield* refusalOf(`http://${name}/`, ["10.0.0.1"])).reason, "never called", name)
      }
      assert.include((yield* refusalOf("http://nas/", ["10.0.0.5", "::ffff:169.254.169.254"])).reason, "never called")
      assert.deepStrictEqual(yield* passes("http://metadata-editor/", ["10.0.0.5"]), ["10.0.0.5"])
    })
  )
})

describe("Other addresses that are never called", () => {
  const addresses = {
    "a link-local address": ["169.254.1.1", "fe80::1", "fe80::a9fe:a9fe%eth0", "febf::1", "2002:a9fe:101::1"],
    "a site-local address": ["fec0::1", "fec0::a9fe:a9fe", "feff::1"],
    "the unspecified address": ["0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "64:ff9b::"],
    "a multicast address": ["224.0.0.251", "239.1.1.1", "ff02::1", "::ffff:224.0.0.1"],
    "the broadcast address": ["255.255.255.255", "::ffff:255.255.255.255"],
    "not an IP address": ["", "nas", "256.1.1.1", "1.2.3", "0xa9fea9fe", "0251.0376.0251.0376", "::1::", "12345::"]
  }
  for (const [reason, listed] of Object.entries(addresses)) {
    it(`${reason}, in every form`, () => {
      for (const address of listed) assert.strictEqual(forbidden(address), reason, address)
    })
  }
})

describe("An address of a home network", () => {
  it("may be called, also in IPv6 form", () => {
    const own = ["127.0.0.1", "10.0.0.5", "172.17.0.2", "192.168.1.10", "100.64.0.7", "203.0.113.9", "192.0.0.8"]
    const own6 = ["::1", "fd12:3456:789a::1", "2a01:4f8::1", "2001:db8::1", "2001:4860:4860::8888", "fd00::1%eth0"]
    const carried = ["::ffff:192.168.1.10", "64:ff9b::10.0.0.5", "2002:c0a8:10a::1", "fd12:3456::5efe:10.0.0.5"]
    const local = ["64:ff9b:1::10.0.0.5", "64:ff9b:1:a00:0:500::", "2001:0:cb00:7101:0:f227:3f57:fefa"]
    for (const address of [...own, ...own6, ...carried, ...local]) {
      assert.isNull(forbidden(address), address)
    }
  })
})
