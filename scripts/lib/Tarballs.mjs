/** Packs every package as it is published, and checks the contents. */
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { root, run, runtimes, script } from "./Process.mjs"

/** Maximum sizes of tarballs in bytes: about a seventh more than they have. */
const bounds = {
  core: 1_750_000,
  "http-node": 1_400_000,
  "http-bun": 1_370_000,
  cli: 1_900_000,
  "sdk-client": 110_000
}

/** pnpm packs, since it replaces `workspace:*` with versions, and the exports with those of `publishConfig`. */
export const pack = async (folder) => {
  mkdirSync(folder, { recursive: true })
  const names = readdirSync(join(root, "packages"))
  const tarballs = []
  for (const name of names) {
    const before = new Set(readdirSync(folder))
    await run(runtimes.node, [script("pnpm/bin/pnpm.cjs"), "pack", "--pack-destination", folder], {
      cwd: join(root, "packages", name),
      quiet: true
    })
    const file = join(
      folder,
      readdirSync(folder).find((entry) => !before.has(entry))
    )
    const contents = join(folder, name)
    mkdirSync(contents)
    execFileSync("tar", ["-xzf", file, "-C", contents, "--strip-components=1"])
    const files = readdirSync(contents, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(contents, join(entry.parentPath, entry.name)))
    const read = (path) => readFileSync(join(contents, path), "utf8")
    tarballs.push({ name, file, files, read, manifest: JSON.parse(read("package.json")), bytes: readFileSync(file) })
  }
  return tarballs
}

export const checkTarballs = async (tarballs, expect) => {
  // Only after the dependencies are installed.
  const { checkPackage, createPackageFromTarballData } = await import("@arethetypeswrong/core")
  const { publint } = await import("publint")
  const { formatMessage } = await import("publint/utils")
  for (const tarball of tarballs) {
    const { bytes, files, manifest, name } = tarball
    await expect(`${manifest.name} has what a package needs and nothing of its sources`, () => {
      for (const file of ["package.json", "README.md", "LICENSE"]) must(files.includes(file), `${file} is missing`)
      for (const field of ["description", "keywords", "homepage", "bugs", "license", "engines", "type", "exports"]) {
        must(manifest[field] !== undefined, `package.json says nothing of ${field}`)
      }
      const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
      const named = JSON.stringify(manifest.repository)
      must(named === JSON.stringify({ ...repository, directory: `packages/${name}` }), `its repository is ${named}`)
      const odd = files.filter((file) => /(^|\/)(src|test)\/|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/.test(file))
      must(odd.length === 0, `${odd.slice(0, 5).join(", ")} should not be there`)
      must(bytes.length <= bounds[name], `${bytes.length} bytes, of ${bounds[name]} allowed`)
      const text = JSON.stringify(manifest.dependencies ?? {}) + JSON.stringify(manifest.exports)
      must(!/workspace:|tendarr-source/.test(text), text)
      const { exports } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
      must(
        Object.keys(exports).join() === Object.keys(manifest.exports).join(),
        `publishConfig exports ${Object.keys(manifest.exports).join(", ")}, and the package ${Object.keys(exports).join(", ")}`
      )
    })
    await expect(`${manifest.name} keeps its database driver to itself`, () => {
      const named = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      must(!named.some((dependency) => dependency.includes("sql-sqlite")), named.join(", "))
      for (const file of files.filter((path) => path.endsWith(".d.ts"))) {
        must(!tarball.read(file).includes("sql-sqlite"), `${file} names it`)
      }
    })
    await expect(`${manifest.name} passes publint`, async () => {
      const { messages } = await publint({ pack: { tarball: bufferOf(bytes) }, strict: true })
      must(messages.length === 0, messages.map((message) => formatMessage(message, manifest)).join("; "))
    })
    await expect(`${manifest.name} has types that fit its modules`, async () => {
      const found = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)), {
        entrypoints: entriesOf(tarball).map((entry) => entry.slice(manifest.name.length + 1) || ".")
      })
      must(found.types !== false, "no types at all")
      const problems = found.problems.filter((problem) => !isAccepted(problem))
      must(problems.length === 0, JSON.stringify(problems.slice(0, 5)))
    })
  }
}

/**
 * The packages contain only ES modules, which Node can also load with `require` since 22.12. The module resolution of Node
 * 10, which predates `exports`, is not supported.
 */
const isAccepted = ({ kind, resolutionKind }) =>
  (kind === "NoResolution" && resolutionKind === "node10") || kind === "CJSResolvesToESM"

/** The import paths: `@tendarr/core/removals/Removals`. */
export const entriesOf = ({ files, manifest }) =>
  Object.entries(manifest.exports).flatMap(([path, target]) => {
    if (target === null) return []
    if (!path.includes("*")) return [join(manifest.name, path)]
    const [before, after] = target.types.replace(/^\.\//, "").split("*")
    return files
      .filter((file) => file.startsWith(before) && file.endsWith(after))
      .map((file) => join(manifest.name, path.replace("*", file.slice(before.length, -after.length))))
  })

const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)

export const must = (held, message) => {
  if (!held) throw new Error(message)
}
