/** Guarantees about a data directory, tested with real processes of one runtime. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe } from "vitest"
import type { ServerCommand } from "../../http/ServerProcess.ts"
import { durableTests } from "./Durable.ts"
import { faultTests } from "./Faults.ts"
import { holdingTests } from "./Holding.ts"
import { testDisk } from "./Process.ts"
import { sandboxTests } from "./Sandboxed.ts"

export const storageSuite = (runtime: string, command: ServerCommand) => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-disk-"))
  const disk = testDisk(folder)
  describe(`Tendarr on ${runtime} with`, () => {
    afterAll(() => rmSync(folder, { recursive: true, force: true }))
    holdingTests(command)
    durableTests(command, disk)
    faultTests(command, disk)
    sandboxTests(command)
  })
}
