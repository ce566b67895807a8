import { execFile, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { allPages, anchorsOf, linksOf, type Page, readPage, root } from "./docs/Page.ts"
import { isOutput, isRun, runShell } from "./docs/Session.ts"
import { openStage } from "./docs/Stage.ts"

const pages = allPages()
/** The pages whose examples run; the others are about work in the repository itself. */
const documentation = pages.filter(({ file }) => file.startsWith("docs/"))
const run = promisify(execFile)

/** Pages show commands for a shell; without one, only the rest is tested. */
const hasShell = ["bash", "curl"].every((name) => spawnSync(name, ["--version"]).status === 0)

const programsOf = (page: Page) => page.blocks.filter(({ language }) => language === "ts")

describe("The pages of the documentation", () => {
  /** Next to the examples, so that the packages are found by their names. */
  let programs: string
  const fileOf = (page: Page, line: number) => join(programs, `${page.file.replaceAll(/\W/g, "-")}-${line}.ts`)

  beforeAll(() => {
    programs = mkdtempSync(fileURLToPath(new URL("../.pages-", import.meta.url)))
    for (const page of documentation) {
      for (const block of programsOf(page)) writeFileSync(fileOf(page, block.line), block.text)
    }
  })

  afterAll(() => rmSync(programs, { recursive: true, force: true }))

  it("link only to pages and headings that exist", () => {
    const lost = pages.flatMap((page) =>
      linksOf(page).flatMap((link) => {
        const [path = "", anchor] = link.split("#")
        const target = path === "" ? page.file : normalize(join(dirname(page.file), path))
        if (!existsSync(join(root, target))) return [`${page.file}: ${link}`]
        return anchor === undefined || !target.endsWith(".md") || anchorsOf(readPage(target)).has(anchor)
          ? []
          : [`${page.file}: ${link} (no such heading)`]
      })
    )
    assert.deepStrictEqual(lost, [])
  })

  it("can all be reached from the first page", () => {
    const found = new Set(["docs/README.md"])
    for (const file of found) {
      for (const link of linksOf(readPage(file))) {
        const target = normalize(join(dirname(file), link.split("#")[0] ?? ""))
        if (target.startsWith("docs/") && target.endsWith(".md")) found.add(target)
      }
    }
    assert.deepStrictEqual(
      documentation.map(({ file }) => file).filter((file) => !found.has(file)),
      []
    )
  })

  it("contain only programs that compile", { timeout: 120_000 }, async () => {
    const project = join(programs, "tsconfig.json")
    writeFileSync(
      project,
      JSON.stringify({
        extends: join(root, "tsconfig.base.json"),
        compilerOptions: { customConditions: [], typeRoots: [join(root, "node_modules/@types")] },
        include: ["*.ts"]
      })
    )
    const compiled = await run(process.execPath, [
      join(root, "node_modules/typescript-7/bin/tsc"),
      "-p",
      project
    ]).catch(({ stdout }: { readonly stdout: string }) => ({ stdout }))
    assert.strictEqual(compiled.stdout, "")
  })

  const lively = documentation.filter((page) =>
    page.blocks.some((block) => ["sh", "ts"].includes(block.language) && isRun(block))
  )

  for (const page of lively) {
    it.skipIf(!hasShell)(
      `have commands and programs that work: ${page.file}`,
      { concurrent: true, timeout: 300_000 },
      async () => {
        const stage = await openStage(page.stage)
        try {
          const printed = await runShell(page, stage)
          page.blocks.forEach((block, index) => {
            if (!block.words.includes("output")) return
            const before = page.blocks[index - 1]
            const output = before === undefined ? undefined : printed.get(before)
            if (output === undefined) assert.fail(`${page.file}:${block.line} is the output of nothing that is run`)
            if (!isOutput(block.text, output)) assert.strictEqual(output, block.text, `${page.file}:${block.line}`)
          })
          for (const { line, text } of programsOf(page).filter(isRun)) {
            const file = fileOf(page, line)
            const local = file.replace(/\.ts$/, ".run.ts")
            writeFileSync(local, stage.local(text))
            await run(process.execPath, [local], { cwd: stage.folder, env: stage.env })
          }
        } finally {
          await stage.stop()
        }
      }
    )
  }
})
