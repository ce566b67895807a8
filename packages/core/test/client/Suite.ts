/** Checks the guarantees of the upstream client on a runtime. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, describe, it } from "vitest"

const program = fileURLToPath(new URL("PinnedClient.ts", import.meta.url))

const promises = [
  "connects to the address that was checked, and asks nobody again",
  "refuses a name that leads out of bounds the second time, though a connection is kept",
  "looks again at a redirect, and goes to what it saw then",
  "takes an address in every way in which people write it for what it is",
  "speaks IPv6, by address and by name, and tries the next address when one does not answer",
  "keeps a connection for reads, and sends everything else over one of its own, once",
  "reads again when a kept connection was closed meanwhile, and never sends anything else again",
  "verifies a certificate against the name, not the address",
  "says in its own words why it does not trust the other side, and asks once",
  "decodes what is compressed, and bounds what comes out of it",
  "lets go of a connection whose answer nobody waits for any more",
  "reads a long answer whole",
  "sends forms, parts and bytes, takes cookies, and reads bytes piece by piece",
  "reports why nothing responds"
]

export const clientSuite = (runtime: string, command: string) =>
  describe(`The upstream client on ${runtime}`, () => {
    let output = ""
    beforeAll(() => {
      const run = spawnSync(command, ["--conditions", "tendarr-source", program], { encoding: "utf8", timeout: 60_000 })
      output = `${run.stdout}${run.stderr}`
    }, 60_000)
    for (const promise of promises) {
      it(promise, (context) => {
        if (output.includes(`skipped: ${promise}\n`)) return context.skip()
        assert.include(output, `held: ${promise}\n`)
      })
    }
  })
