/**
 * Checks the files around the sources: workflows and forms of the repository host, manifests, the lockfile. Returns
 * problems.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { problemsOfExports } from "./Exports.mjs"
import { root } from "./Process.mjs"

const read = (path) => readFileSync(join(root, path), "utf8")
const manifestOf = (folder) => JSON.parse(read(join(folder, "package.json")))

/** Every problem as a line that begins with the file name. */
export const problemsOfProject = async () => [
  ...(await problemsOfHost()),
  ...problemsOfManifests(),
  ...problemsOfExports(),
  ...problemsOfLockfile(read("pnpm-lock.yaml"))
]

const problemsOfHost = async () => {
  const { parse } = await import("yaml")
  const files = readdirSync(join(root, ".github"), { recursive: true }).filter((path) => path.endsWith(".yml"))
  return files.flatMap((file) => {
    const path = join(".github", file)
    try {
      const parsed = parse(read(path), { strict: true })
      const problems = file.startsWith("workflows") ? problemsOfWorkflow(parsed) : problemsOfForm(file, parsed)
      return problems.map((problem) => `${path}: ${problem}`)
    } catch (error) {
      return [`${path}: ${error.message}`]
    }
  })
}

const problemsOfWorkflow = ({ concurrency, jobs, permissions }) => {
  const problems = []
  if (permissions === undefined) problems.push("it says nothing of permissions")
  if (concurrency?.group === undefined) problems.push("it has no concurrency group")
  for (const [name, job] of Object.entries(jobs)) {
    const found = []
    if (typeof job.permissions !== "object") found.push("says nothing of permissions")
    for (const needed of [job.needs ?? []].flat()) if (!(needed in jobs)) found.push(`needs ${needed}, which is no job`)
    if (job.uses !== undefined) found.push(...problemsOfUse(job.uses))
    else if (typeof job["timeout-minutes"] !== "number") found.push("has no timeout")
    for (const step of job.steps ?? []) found.push(...problemsOfStep(step))
    problems.push(...found.map((problem) => `the job ${name} ${problem}`))
  }
  return problems
}

const problemsOfStep = ({ run, uses, with: given = {} }) => {
  const scripts = Object.entries(given).filter(([name]) => name.endsWith("-script"))
  return [
    ...(uses === undefined ? [] : problemsOfUse(uses)),
    ...[run ?? "", ...scripts.map(([, script]) => script)].flatMap(problemsOfCommand)
  ]
}

/** Third-party actions are only used by commit: a tag may be moved. */
const problemsOfUse = (uses) => {
  if (uses.startsWith("./")) return existsSync(join(root, uses)) ? [] : [`uses ${uses}, which is not there`]
  return /@[0-9a-f]{40}$/.test(uses) ? [] : [`uses ${uses}, and no commit of it`]
}

const problemsOfCommand = (command) => {
  const { scripts } = manifestOf(".")
  const paths = [...command.matchAll(/(?<![\w@./-])(?:\.\/)?(?:\.ci|scripts|packages|docs)\/[\w./-]+/g)]
  const named = [...command.matchAll(/\bnpm (?:run )?([\w:-]+)/g)]
  return [
    ...paths.filter(([path]) => !existsSync(join(root, path))).map(([path]) => `runs ${path}, which is not there`),
    ...named.filter(([, name]) => !(name in scripts)).map(([, name]) => `runs the script ${name}, which is not there`)
  ]
}

const kindsOfFields = ["markdown", "textarea", "input", "dropdown", "checkboxes"]

const problemsOfForm = (file, form) => {
  const { homepage } = manifestOf(".")
  const home = homepage.replace(/#.*$/, "")
  if (file.endsWith("config.yml")) {
    return form.contact_links.filter(({ url }) => !url.startsWith(home)).map(({ url }) => `${url} is not of ${home}`)
  }
  if (!file.startsWith("ISSUE_TEMPLATE")) return []
  const ids = form.body.flatMap(({ id }) => id ?? [])
  return [
    ...["name", "description"].filter((key) => !form[key]).map((key) => `it has no ${key}`),
    ...form.body.filter(({ type }) => !kindsOfFields.includes(type)).map(({ type }) => `${type} is no field`),
    ...form.body
      .filter(({ attributes, type }) => !(type === "markdown" ? attributes.value : attributes.label))
      .map(({ id }) => `the field ${id} says nothing`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} stands twice`)
  ]
}

/** Everything is pinned, and the package manager has the same version in both places. */
const problemsOfManifests = () => {
  const { devDependencies, packageManager } = manifestOf(".")
  const folders = [
    ".",
    "examples",
    "benchmarks",
    ...readdirSync(join(root, "packages")).map((name) => `packages/${name}`)
  ]
  const problems = folders.flatMap((folder) => {
    const manifest = manifestOf(folder)
    return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
      .flatMap((field) => Object.entries(manifest[field] ?? {}))
      .filter(([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$|^workspace:\*$/.test(version))
      .map(([name, version]) => `${join(folder, "package.json")}: ${name} is pinned to no version (${version})`)
  })
  if (packageManager !== `pnpm@${devDependencies.pnpm}`)
    problems.push(`package.json: packageManager is ${packageManager}`)
  return problems
}

/** If it contained the address of a registry, an installation would only work where that registry is reachable. */
const problemsOfLockfile = (text) =>
  [...text.matchAll(/^\s+resolution: .*(?:tarball|https?:\/\/).*$/gm)].map(([line]) => `pnpm-lock.yaml: ${line.trim()}`)
