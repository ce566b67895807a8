import { Result } from "effect"
import { assert, describe, it } from "vitest"
import { parseServeArguments, type ServeOptions } from "../../src/server/ServeOptions.ts"

const parse = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): ServeOptions => {
  const options = Result.getOrThrow(parseServeArguments(argv, env))
  assert.notStrictEqual(options, "help")
  return options as ServeOptions
}

const refused = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): string => {
  const options = parseServeArguments(argv, env)
  assert.isTrue(Result.isFailure(options), JSON.stringify(argv))
  return Result.isFailure(options) ? options.failure.message : ""
}

describe("ServeOptions", () => {
  it("have defaults that expose nothing to the network", () => {
    assert.deepStrictEqual(parse([]), {
      host: "127.0.0.1",
      port: 8787,
      basePath: "",
      dataDir: "./tendarr-data",
      sandbox: null,
      apiKey: null,
      adminUsername: null,
      adminPassword: null,
      secretKey: { given: null, file: null, renew: false, forgetUnreadable: false },
      startAnew: false,
      dialects: {},
      dialectKeys: {}
    })
  })

  it("are read from the environment, and overridden by flags", () => {
    const env = {
      TENDARR_HOST: "0.0.0.0",
      TENDARR_PORT: "9000",
      TENDARR_DATA_DIR: "/var/lib/tendarr",
      TENDARR_API_KEY: "a-key-of-sixteen-characters",
      TENDARR_ADMIN_USERNAME: "admin",
      TENDARR_ADMIN_PASSWORD: "secret",
      TENDARR_SECRET_KEY: "a-key",
      TENDARR_KEY_FILE: "/run/secrets/tendarr"
    }
    assert.deepStrictEqual(parse([], env), {
      host: "0.0.0.0",
      port: 9000,
      basePath: "",
      dataDir: "/var/lib/tendarr",
      sandbox: null,
      apiKey: "a-key-of-sixteen-characters",
      adminUsername: "admin",
      adminPassword: "secret",
      secretKey: { given: "a-key", file: "/run/secrets/tendarr", renew: false, forgetUnreadable: false },
      startAnew: false,
      dialects: {},
      dialectKeys: {}
    })
    const over = parse(["--host", "::1", "--port=0", "--data-dir", "/tmp/x", "--key-file", "/tmp/k"], env)
    assert.deepStrictEqual([over.host, over.port, over.dataDir], ["::1", 0, "/tmp/x"])
    assert.deepInclude(over.secretKey, { given: null, file: "/tmp/k" })
  })

  it("treat an empty variable as unset", () => {
    const options = parse([], { TENDARR_API_KEY: "", TENDARR_ADMIN_USERNAME: "", TENDARR_ADMIN_PASSWORD: "" })
    assert.deepStrictEqual([options.apiKey, options.adminUsername, options.adminPassword], [null, null, null])
  })

  it("give the sandbox a temporary directory, unless one is named", () => {
    assert.deepStrictEqual(parse(["--sandbox"]).sandbox, { items: 400, seed: "tendarr" })
    assert.isNull(parse(["--sandbox"]).dataDir)
    assert.strictEqual(parse(["--sandbox"], { TENDARR_DATA_DIR: "/var/lib/tendarr" }).dataDir, "/var/lib/tendarr")
    assert.deepStrictEqual(parse(["--sandbox-items", "20000"]).sandbox, { items: 20_000, seed: "tendarr" })
    assert.deepStrictEqual(parse(["--sandbox-seed", "other"]).sandbox, { items: 400, seed: "other" })
  })

  it("start the named applications of the sandbox, as often as they are named, or all", () => {
    assert.deepStrictEqual(parse(["--sandbox-apps", "radarr, radarr,plex"]).sandbox?.kinds, [
      "radarr",
      "radarr",
      "plex"
    ])
    assert.deepStrictEqual(parse(["--sandbox-apps", "all"]).sandbox?.kinds, ["all"])
    assert.isNull(parse(["--sandbox-apps", "all"]).dataDir)
    assert.match(refused(["--sandbox-apps", "radarr,sonar"]), /does not know "sonar"; it knows all, radarr, sonarr/)
    assert.match(refused(["--sandbox-apps", ""]), /--sandbox-apps/)
  })

  it("are refused with the name of the wrong flag", () => {
    assert.match(refused(["--port", "http"]), /--port .* from 0 to 65535, not "http"/)
    assert.match(refused(["--port", "65536"]), /--port/)
    assert.match(refused(["--port", "-1"]), /--port/)
    assert.match(refused(["--port", "1e3"]), /--port/)
    assert.match(refused([], { TENDARR_PORT: "8787.5" }), /--port/)
    assert.match(refused(["--sandbox-items", "0"]), /--sandbox-items .* from 1 to 200000/)
    assert.match(refused(["--colour"]), /--colour/)
    assert.match(refused(["elsewhere"]), /elsewhere/)
  })

  it("show help before any error", () => {
    assert.strictEqual(Result.getOrThrow(parseServeArguments(["--help", "--port", "x"], {})), "help")
    assert.strictEqual(Result.getOrThrow(parseServeArguments(["-h"], {})), "help")
  })

  it("accept a base path with or without a trailing slash, and name the source of an invalid one", () => {
    for (const path of ["/tendarr", "/tendarr/"]) {
      assert.strictEqual(parse(["--base-path", path]).basePath, "/tendarr")
      assert.strictEqual(parse([], { TENDARR_BASE_PATH: path }).basePath, "/tendarr")
    }
    assert.strictEqual(parse(["--base-path", "/"], { TENDARR_BASE_PATH: "/tendarr" }).basePath, "")
    assert.strictEqual(parse([], { TENDARR_BASE_PATH: "" }).basePath, "")
    assert.strictEqual(parse(["--base-path", "/media/tendarr"]).basePath, "/media/tendarr")
    for (const path of [
      "tendarr",
      "//tendarr",
      "/a//",
      "/a b",
      "/a?b",
      "/../a",
      "/.",
      "/a%20b",
      "http://home.test/a"
    ]) {
      assert.include(refused(["--base-path", path]), `--base-path must be a path such as /tendarr`)
      assert.include(refused([], { TENDARR_BASE_PATH: path }), `TENDARR_BASE_PATH must be a path such as /tendarr`)
    }
  })

  it("name dialects with or without a port of their own, and say which are not known", () => {
    assert.deepStrictEqual(parse(["--dialects", "prunerr"]).dialects, { prunerr: { port: null } })
    assert.deepStrictEqual(parse(["--dialects", " prunerr = 3000 "]).dialects, { prunerr: { port: 3000 } })
    assert.deepStrictEqual(parse(["--dialects", "all"]).dialects, {
      cleanuparr: { port: null },
      prunerr: { port: null }
    })
    assert.deepStrictEqual(parse([], { TENDARR_DIALECTS: "prunerr" }).dialects, { prunerr: { port: null } })
    assert.deepStrictEqual(parse([], { TENDARR_DIALECTS: "" }).dialects, {})
    assert.match(
      refused(["--dialects", "prunrr"]),
      /does not know "prunrr"; it takes all, or some of cleanuparr, prunerr/
    )
    assert.match(refused(["--dialects", "prunerr=0"]), /--dialects prunerr= takes a whole number from 1 to 65535/)
    assert.match(refused(["--dialects", "prunerr=1=2"]), /does not know "prunerr=1=2"/)
    assert.deepStrictEqual(parse([], { PRUNERR_API_KEY: "key-of-the-dialect" }).dialectKeys, {
      prunerr: "key-of-the-dialect"
    })
    assert.match(refused([], { PRUNERR_API_KEY: "short" }), /PRUNERR_API_KEY must have 16 to 512 printable characters/)
  })
})
