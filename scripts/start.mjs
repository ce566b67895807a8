/** `npm start`: the server on Node or Bun, over the simulated stack by default. */
import { parseArgs } from "node:util"
import { build, programs } from "./lib/Build.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { become, print, runtimes, script } from "./lib/Process.mjs"

const usage = `Usage: npm start -- [flags]
  --runtime node|bun     what runs the server (default node)
  --no-sandbox           serve your own stack instead of the simulated one, which takes no directory that it did not make
  --host ADDRESS         address to listen on (TENDARR_HOST, default 127.0.0.1)
  --port PORT            port to listen on, 0 = any free one (TENDARR_PORT, default 8787)
  --base-path PATH       path under which a proxy forwards requests, such as /tendarr (TENDARR_BASE_PATH)
  --data-dir DIR         where the database is kept (TENDARR_DATA_DIR); with the sandbox a temporary one
  --dialects LIST        APIs of other products to serve too, as prunerr or prunerr=3000 (TENDARR_DIALECTS); with the
                         sandbox all of them
  --sandbox-items N      items of the simulated library (default 400)
  --sandbox-seed TEXT    another text gives another library
  --sandbox-apps LIST    applications to simulate, as radarr,radarr,plex (twice = two of them), or all for one
                         of each (default: those that make one whole stack)
Environment: TENDARR_API_KEY presets an admin key (16 characters or more), TENDARR_ADMIN_USERNAME and
TENDARR_ADMIN_PASSWORD the first account. With _FILE after its name each is the path of a file that holds it.
`

const options = {
  help: { type: "boolean", short: "h" },
  runtime: { type: "string", default: "node" },
  sandbox: { type: "boolean" },
  "no-sandbox": { type: "boolean" },
  host: { type: "string" },
  port: { type: "string" },
  "base-path": { type: "string" },
  "data-dir": { type: "string" },
  dialects: { type: "string" },
  "sandbox-items": { type: "string" },
  "sandbox-seed": { type: "string" },
  "sandbox-apps": { type: "string" }
}

/** The arguments of the server; `null` after a usage error. */
const read = () => {
  try {
    const { values } = parseArgs({ options, strict: true, allowPositionals: false })
    if (!Object.hasOwn(programs, values.runtime))
      throw new Error(`--runtime takes node or bun, not "${values.runtime}"`)
    return values
  } catch (error) {
    print(`${error.message}\n${usage}`)
    return null
  }
}

main(async () => {
  const values = read()
  if (values === null) {
    process.exitCode = 2
    return
  }
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  await install()
  await build()
  if (!values["no-sandbox"] && values.dialects === undefined && !process.env.TENDARR_DIALECTS) values.dialects = "all"
  const passed = [
    "host",
    "port",
    "base-path",
    "data-dir",
    "dialects",
    "sandbox-items",
    "sandbox-seed",
    "sandbox-apps"
  ].flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]))
  const arguments_ = [programs[values.runtime], ...(values["no-sandbox"] ? [] : ["--sandbox"]), ...passed]
  // Compiled code is cached between starts, which makes them a quarter faster.
  become(runtimes[values.runtime], arguments_, { env: { NODE_COMPILE_CACHE: script(".cache/tendarr") } })
})
