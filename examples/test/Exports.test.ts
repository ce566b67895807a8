/** The modules that packages export, as seen by a program that uses the built packages. */
import { execFile } from "node:child_process"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { root } from "./docs/Page.ts"

const run = promisify(execFile)

interface Exports {
  readonly main: string
  readonly supported: ReadonlyArray<string>
  readonly ownPackages: ReadonlyArray<string>
}

const core = join(root, "packages/core")
const { ownPackages, supported }: Exports = JSON.parse(readFileSync(join(core, "exports.json"), "utf8"))

/** Names of the services that a module declares. */
const servicesOf = (module: string): ReadonlyArray<string> =>
  [
    ...readFileSync(join(core, `dist/${module}.d.ts`), "utf8").matchAll(
      /^declare const (\w+)_base: Context\.ServiceClass/gm
    )
  ].map(([, name = ""]) => name)

/** A program that exports every service and everything else of the supported modules, with the types that the compiler infers. */
const everythingNamed = (): string => {
  const modules = supported.map((module, index) => ({ module, name: `module${index}` }))
  return [
    'import { Effect } from "effect"',
    ...modules.map(({ module, name }) => `import * as ${name} from "@tendarr/core/${module}"`),
    ...modules.map(({ name }) => `export const all_${name} = { ...${name} }`),
    ...modules.flatMap(({ module, name }) =>
      servicesOf(module).map(
        (service) => `export const ${name}_${service} = Effect.map(${name}.${service}, (it) => it)`
      )
    )
  ].join("\n")
}

/** The programs in the comments of the sources: the first block after `@example`. */
const examplesOf = (file: string): ReadonlyArray<string> =>
  [...readFileSync(file, "utf8").matchAll(/^ *\* @example\n *\* ```ts\n(.*?)^ *\* ```$/gms)].map(([, text = ""]) =>
    text.replaceAll(/^ *\* ?/gm, "")
  )

describe("The modules that others may import", () => {
  let programs: string

  beforeAll(() => {
    programs = mkdtempSync(fileURLToPath(new URL("../.exports-", import.meta.url)))
  })

  afterAll(() => rmSync(programs, { recursive: true, force: true }))

  /** The output of the compiler for programs with the given names, against the built packages, with declarations. */
  const compiled = async (prefix: string): Promise<string> => {
    const project = join(programs, `${prefix}.json`)
    writeFileSync(
      project,
      JSON.stringify({
        extends: join(root, "tsconfig.build.json"),
        compilerOptions: {
          outDir: join(programs, "declarations"),
          noUnusedLocals: false,
          // Only examples in comments import it, since it would need Bun.
          paths: { "@tendarr/http-bun/*": [join(root, "packages/http-bun/dist/*.d.ts")] },
          typeRoots: [join(root, "node_modules/@types")]
        },
        include: [`${prefix}*.ts`]
      })
    )
    const compiler = join(root, "node_modules/typescript-7/bin/tsc")
    const { stdout } = await run(process.execPath, [compiler, "-p", project, "--checkers", "1"], {
      cwd: programs
    }).catch(({ stdout }: { readonly stdout: string }) => ({ stdout }))
    return stdout
  }

  it("have only types that a program can name in its own declarations", { timeout: 120_000 }, async () => {
    writeFileSync(join(programs, "named.ts"), everythingNamed())
    assert.strictEqual(await compiled("named"), "")
  })

  it("have examples that compile", { timeout: 120_000 }, async () => {
    const files = globSync(join(root, "packages/*/src/**/*.ts"))
    for (const file of files) {
      examplesOf(file).forEach((text, index) => {
        const name = relative(root, file).replaceAll(/\W/g, "-")
        writeFileSync(join(programs, `example-${name}-${index}.ts`), `${text}\nexport {}\n`)
      })
    }
    assert.strictEqual(await compiled("example-"), "")
  })

  it("are only those in the list", async () => {
    const refused = async (module: string) => {
      const program = `import(${JSON.stringify(module)}).then(() => console.log("imported"), ({ code }) => console.log(code))`
      const file = join(programs, "import.mjs")
      writeFileSync(file, program)
      const { stdout } = await run(process.execPath, [file], { cwd: programs })
      return stdout.trim()
    }
    assert.strictEqual(await refused("@tendarr/core/removals/Removals"), "imported")
    assert.strictEqual(await refused(`@tendarr/core/${ownPackages[0]}`), "imported")
    assert.strictEqual(await refused("@tendarr/core/removals/DueRemovals"), "ERR_PACKAGE_PATH_NOT_EXPORTED")
    assert.strictEqual(await refused("@tendarr/core/dist/Services.js"), "ERR_PACKAGE_PATH_NOT_EXPORTED")
  })
})
