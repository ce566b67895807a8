/**
 * Tests the published packages as users get them: each is packed, inspected, installed in an empty project, imported on
 * every runtime that it supports, type-checked, and run. Ends with `N passed, N failed`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "./lib/Build.mjs"
import { expect, tellCounts } from "./lib/Expectations.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { checkDeclarations, checkImports, checkInstalled } from "./lib/InstalledPackages.mjs"
import { checkCommand } from "./lib/InstalledCommand.mjs"
import { checkTarballs, pack } from "./lib/Tarballs.mjs"

main(async () => {
  await install()
  await build()
  const folder = mkdtempSync(join(tmpdir(), "tendarr-pack-"))
  try {
    const tarballs = await pack(join(folder, "tarballs"))
    await checkTarballs(tarballs, expect)
    const project = join(folder, "project")
    await checkInstalled(tarballs, project, expect)
    await checkImports(project, join(folder, "runtimes"), expect)
    await checkDeclarations(tarballs, project, expect)
    await checkCommand(project, expect)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  tellCounts()
})
