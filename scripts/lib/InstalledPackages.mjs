/** The packed packages in an empty project: installed by npm, imported on every runtime, and type-checked. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { run, runtimes, script } from "./Process.mjs"
import { entriesOf, must } from "./Tarballs.mjs"

/** Further Node versions that the packages support, besides the pinned one. */
const otherNodes = ["22.23.3", "26.10.0"]

const npm = (cwd, ...args) => run("npm", args, { cwd, quiet: true })

const emptyProject = (folder) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
}

export const checkInstalled = async (tarballs, project, expect) => {
  emptyProject(project)
  await expect("npm installs the packages in an empty project", () =>
    npm(project, "install", "--no-audit", "--no-fund", ...tarballs.map(({ file }) => file))
  )
  await expect("the peer dependency is installed, once", () => {
    const found = foldersOf(project, /(^|\/)node_modules\/effect$/)
    must(found.length === 1, found.join(", "))
    const { version } = JSON.parse(readFileSync(join(project, found[0], "package.json"), "utf8"))
    const wanted = tarballs.find(({ name }) => name === "core").manifest.peerDependencies.effect
    must(version === wanted, `${version}, and not ${wanted}`)
  })
  await expect("no database driver is installed", () => {
    const found = foldersOf(project, /@effect\/sql-[^/]*$/)
    must(found.length === 0, found.join(", "))
  })
  writeFileSync(join(project, "entries.json"), JSON.stringify(tarballs.flatMap(entriesOf)))
}

const foldersOf = (project, pattern) =>
  readdirSync(project, { recursive: true }).filter((path) => pattern.test(path.replaceAll("\\", "/")))

/** The server of one runtime imports modules that only that runtime has. */
const program = `
import { readFileSync } from "node:fs"
const isBun = process.versions.bun !== undefined
const entries = JSON.parse(readFileSync("entries.json", "utf8"))
const failures = []
let imported = 0
for (const entry of entries) {
  if (entry.startsWith("@tendarr/http-bun") && !isBun) continue
  try {
    await import(entry)
    imported++
  } catch (error) {
    failures.push(entry + ": " + error)
  }
}
console.log(imported + " of " + entries.length)
if (failures.length > 0) throw new Error(failures.join("\\n"))
`

export const checkImports = async (project, folder, expect) => {
  const found = [
    ["the pinned Node", runtimes.node],
    ["the pinned Bun", runtimes.bun]
  ]
  for (const version of otherNodes) {
    const own = join(folder, version)
    emptyProject(own)
    await npm(own, "install", "--no-audit", "--no-fund", "--save-exact", `node@${version}`)
    found.push([`Node ${version}`, join(own, "node_modules", "node", "bin", "node")])
  }
  writeFileSync(join(project, "imports.mjs"), program)
  for (const [name, runtime] of found) {
    await expect(`every entry is imported on ${name}`, async () => {
      must(existsSync(runtime), `${runtime} is missing`)
      const output = await run(runtime, ["imports.mjs"], { cwd: project, quiet: true })
      must(/^\d{2,} of/.test(output), output)
    })
  }
}

/** The context that the examples of the readmes assume. */
const around = `
import type { TendarrClient } from "@tendarr/sdk-client"
declare const tendarr: TendarrClient
declare const id: string
`

export const checkDeclarations = async (tarballs, project, expect) => {
  const files = ["program.ts"]
  writeFileSync(
    join(project, "program.ts"),
    `${tarballs
      .flatMap(entriesOf)
      .map((entry, index) => `export * as entry${index} from "${entry}"`)
      .join("\n")}\n`
  )
  for (const { name, read } of tarballs) {
    const examples = [...read("README.md").matchAll(/^```ts\n(.*?)^```$/gms)]
    for (const [index, [, example]] of examples.entries()) {
      const file = `${name}-${index}.ts`
      const isWhole = name !== "sdk-client" || example.includes("createTendarrClient")
      writeFileSync(join(project, file), `${isWhole ? "" : around}${example}\nexport {}\n`)
      files.push(file)
    }
  }
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: "NodeNext",
    target: "ES2023",
    lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: ["node"],
    noEmit: true
  }
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }))
  await expect(
    `the compiler reads every declaration and the ${files.length - 1} examples of the readmes, strictly`,
    () =>
      run(runtimes.node, [script("typescript-7/bin/tsc"), "-p", join(project, "tsconfig.json"), "--checkers", "1"], {
        cwd: dirname(project),
        quiet: true
      })
  )
}
