import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, it } from "vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))

it("Tendarr inside a Bun program reads a stack, closes, and has everything again when it is reopened", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tendarr-embedded-bun-"))
  try {
    const { stdout } = await promisify(execFile)(
      join(root, "node_modules/bun/bin/bun.exe"),
      ["--conditions", "tendarr-source", fileURLToPath(new URL("support/Embedding.ts", import.meta.url)), folder],
      { cwd: root }
    )
    const [read, kept, listed, busy] = stdout.trim().split("\n")
    assert.match(read ?? "", /^completed, \d\d+ items$/)
    assert.strictEqual(kept, read?.replace("completed, ", ""))
    assert.strictEqual(listed, "listed")
    assert.strictEqual(busy, "DataDirectoryBusy")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
