/**
 * The exports of each package: `exports.json` lists its modules, `npm run exports` writes both `exports` of its
 * package.json from the list, and the build creates an entry for each.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./Process.mjs"

const folders = () => readdirSync(join(root, "packages")).map((name) => join("packages", name))
const manifestFile = (folder) => join(root, folder, "package.json")
const manifestOf = (folder) => JSON.parse(readFileSync(manifestFile(folder), "utf8"))

/** The list of a package: its main module, the modules that users may rely on, and those for Tendarr's own packages. */
export const modulesOf = (folder) => JSON.parse(readFileSync(join(root, folder, "exports.json"), "utf8"))

const entriesOf = ({ main, ownPackages, supported }) => [
  [".", main],
  ...[...supported, ...ownPackages].toSorted().map((module) => [`./${module}`, module])
]

const targetOf = (module) => ({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` })

/** The manifest with both `exports` according to the list: from the sources during development, from `dist` when published. */
const withExports = (manifest, list) => {
  const entries = entriesOf(list)
  const published = entries.map(([path, module]) => [path, targetOf(module)])
  const developed = entries.map(([path, module]) => [
    path,
    { "tendarr-source": `./src/${module}.ts`, ...targetOf(module) }
  ])
  return {
    ...manifest,
    exports: Object.fromEntries(developed),
    publishConfig: { ...manifest.publishConfig, exports: Object.fromEntries(published) }
  }
}

const textOf = (manifest) => `${JSON.stringify(manifest, null, 2)}\n`

/** The errors in the lists, and in the manifests that are generated from them. */
export const problemsOfExports = () =>
  folders().flatMap((folder) => {
    const list = modulesOf(folder)
    const { main, ownPackages, supported } = list
    const all = [main, ...supported, ...ownPackages]
    const problems = [
      ...all
        .filter((module) => !existsSync(join(root, folder, "src", `${module}.ts`)))
        .map((module) => `lists ${module}, and there is no src/${module}.ts`),
      ...all.filter((module, index) => all.indexOf(module) !== index).map((module) => `lists ${module} twice`),
      ...[supported, ownPackages]
        .filter((modules) => modules.toSorted().join() !== modules.join())
        .map((modules) => `lists ${modules[0]} and the rest in no order`)
    ].map((problem) => `${join(folder, "exports.json")}: it ${problem}`)
    const manifest = manifestOf(folder)
    return textOf(withExports(manifest, list)) === textOf(manifest)
      ? problems
      : [
          ...problems,
          `${join(folder, "package.json")}: its exports are not those of exports.json. Run: npm run exports`
        ]
  })

/** Writes the exports of every package; returns the manifests that have changed. */
export const writeExports = () =>
  folders().flatMap((folder) => {
    const manifest = manifestOf(folder)
    const text = textOf(withExports(manifest, modulesOf(folder)))
    if (text === textOf(manifest)) return []
    writeFileSync(manifestFile(folder), text)
    return [join(folder, "package.json")]
  })
