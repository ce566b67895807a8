/**
 * Tests the container image and the example stack without a container engine: both files are parsed, the commands of
 * the image's stages are run in empty directories, and the resulting program is served as it would be there. With
 * `--whole` the sources are copied, installed and built as in the first stage. Ends with `N passed, N failed`.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { build } from "./lib/Build.mjs"
import { pairsOf, stagesOf, textsOf } from "./lib/Dockerfile.mjs"
import { expect, tellCounts } from "./lib/Expectations.mjs"
import { install } from "./lib/Install.mjs"
import { main } from "./lib/Main.mjs"
import { environment, root, run, runtimes } from "./lib/Process.mjs"
import { serving } from "./lib/InstalledCommand.mjs"
import { must } from "./lib/Tarballs.mjs"

const apiKey = "key-of-the-image-test"

main(async () => {
  await install()
  await build()
  const [first, last] = stagesOf(readFileSync(join(root, "Dockerfile"), "utf8"))
  await checkImage(first, last)
  await checkCompose()
  const folder = mkdtempSync(join(tmpdir(), "tendarr-image-"))
  try {
    await checkStages(first, last, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  tellCounts()
})

const checkImage = async (first, last) => {
  await expect("the image is based on the pinned Node, and has labels with its origin", () => {
    const { devDependencies, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    for (const { base } of [first, last]) must(base === `node:${devDependencies.node}-slim`, base)
    const labels = pairsOf(textsOf(last, "LABEL"))
    must(labels["org.opencontainers.image.base.name"] === last.base, JSON.stringify(labels))
    must(labels["org.opencontainers.image.licenses"] === "MIT", JSON.stringify(labels))
    must(`git+${labels["org.opencontainers.image.source"]}.git` === repository.url, JSON.stringify(labels))
  })
  await expect("the program is built on the platform of the build machine, whatever the platform of the image", () => {
    must(first.platform === "$BUILDPLATFORM", `the first stage is built for ${first.platform}`)
    must(last.platform === null, `the last stage is for ${last.platform} alone`)
  })
  await expect("the image runs as an ordinary user, keeps its data in a volume, and stops on SIGTERM", () => {
    const names = last.instructions.map(({ name }) => name)
    must(textsOf(last, "USER").at(-1) === "node", "USER")
    must(names.lastIndexOf("USER") > names.lastIndexOf("RUN"), "what is run after USER cannot write into the image")
    const { TENDARR_DATA_DIR, TENDARR_PORT } = pairsOf(textsOf(last, "ENV"))
    must(textsOf(last, "VOLUME").join() === TENDARR_DATA_DIR, "VOLUME is not the data directory")
    must(textsOf(last, "EXPOSE").join() === TENDARR_PORT, "EXPOSE is not the port")
    must(textsOf(last, "STOPSIGNAL").join() === "SIGTERM", "STOPSIGNAL")
    must(textsOf(last, "HEALTHCHECK").join().endsWith('CMD ["tendarr", "health"]'), "HEALTHCHECK")
  })
  await expect("the image contains no secrets, and no earlier installation or build", () => {
    const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n")
    for (const path of ["secrets", ".env", "tendarr-data", ".git", "**/node_modules", "**/dist"]) {
      must(ignored.includes(path), `.dockerignore lacks ${path}`)
    }
  })
}

/** The order of lines and the quotes are left to prettier. */
const rules = {
  "no-build-and-image": 0,
  "no-quotes-in-volumes": 0,
  "require-quotes-in-ports": 0,
  // The example pins no versions of applications that are released every week.
  "service-image-require-explicit-tag": 0,
  "service-keys-order": 0,
  "services-alphabetical-order": 0,
  "service-ports-alphabetical-order": 0,
  "service-dependencies-alphabetical-order": 0,
  "top-level-properties-order": 0
}

const checkCompose = async () => {
  const { DCLinter } = await import("dclint")
  const { parse } = await import("yaml")
  const lint = (file) =>
    new DCLinter({ rules, quiet: false, debug: false, exclude: [] })
      .lintFiles([file], false)
      .flatMap(({ messages }) => messages.map(({ line, message, rule }) => `${line}: ${message} (${rule})`))
  const file = join(root, "compose.yaml")
  const text = readFileSync(file, "utf8")
  await expect("the stack matches the schema of compose files", () => {
    const messages = lint(file)
    must(messages.length === 0, messages.join("\n"))
  })
  await expect("a stack that does not match is detected", () => {
    const folder = mkdtempSync(join(tmpdir(), "tendarr-compose-"))
    const broken = join(folder, "compose.yaml")
    writeFileSync(broken, text.replace("restart: unless-stopped", "restart: [never]"))
    const messages = lint(broken)
    rmSync(folder, { recursive: true })
    must(messages.length > 0, "nothing was found")
  })
  await expect("everything that the stack names is there", () => {
    const stack = parse(text, { merge: true })
    const named = new Set(Object.values(stack.services).flatMap((service) => service.volumes ?? []))
    for (const volume of Object.keys(stack.volumes)) {
      must(
        [...named].some((mount) => mount.startsWith(`${volume}:`)),
        `no service mounts ${volume}`
      )
    }
    for (const mount of named) {
      const [source] = mount.split(":")
      must(source.startsWith("${") || source in stack.volumes, `${mount} is no volume of the stack`)
    }
    const { environment: given, secrets } = stack.services.tendarr
    for (const secret of secrets) must(stack.secrets[secret].file.startsWith("./secrets/"), secret)
    must(given.TENDARR_API_KEY_FILE === `/run/secrets/${secrets[0]}`, "the key is not that of the secret")
    must(!/API_KEY: |PASSWORD: /.test(text), "a secret is in the stack itself")
  })
}

/** `/source` and similar are folders of the image; here they are below a separate folder. */
const checkStages = async (first, last, folder) => {
  const isWhole = process.argv.includes("--whole")
  const source = isWhole ? join(folder, "source") : root
  const place = (text) =>
    text.replaceAll(/(?<![\w.])\/(build|app|usr\/local\/bin|data)\b/g, (path) => join(folder, path.slice(1)))
  // Files of the base image.
  mkdirSync(join(folder, "usr/local/bin"), { recursive: true })
  const commands = textsOf(first, "RUN").filter((command) => isWhole || !command.includes("bootstrap.mjs"))
  if (isWhole) copySources(source)
  for (const command of commands) {
    await expect(`the first stage: ${command}`, () => run("sh", ["-c", place(command)], { cwd: source, quiet: true }))
  }
  await expect("the last stage copies only the program", () => {
    const [copied, ...more] = textsOf(last, "COPY")
    must(more.length === 0, more.join("; "))
    const [, from, to] = /^--from=build (\S+) (\S+)$/.exec(copied)
    cpSync(place(from), place(to), { recursive: true })
    must(!existsSync(join(place(to), "node_modules")), "there are dependencies in it")
  })
  for (const command of textsOf(last, "RUN")) {
    // The user of the image need not exist on this machine.
    await expect(`the last stage: ${command}`, () =>
      run("sh", ["-c", place(command).replaceAll(/--(owner|group)=\S+/g, "")], { cwd: folder, quiet: true })
    )
  }
  await expect("only its owner can access the data directory", () => {
    must((statSync(join(folder, "data")).mode & 0o777) === 0o700, statSync(join(folder, "data")).mode.toString(8))
  })
  await checkProgram(last, folder)
}

const copySources = (source) => {
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root })
  for (const file of files.toString().split("\n").filter(Boolean)) {
    if (!existsSync(join(root, file))) continue
    mkdirSync(dirname(join(source, file)), { recursive: true })
    cpSync(join(root, file), join(source, file))
  }
}

const checkProgram = async (last, folder) => {
  const tendarr = join(folder, "usr/local/bin/tendarr")
  const secret = join(folder, "tendarr_api_key")
  writeFileSync(secret, `${apiKey}\n`)
  const given = {
    ...pairsOf(textsOf(last, "ENV")),
    TENDARR_HOST: "127.0.0.1",
    TENDARR_DATA_DIR: join(folder, "data"),
    TENDARR_API_KEY_FILE: secret
  }
  const [entry, ...words] = ["ENTRYPOINT", "CMD"].flatMap((name) => JSON.parse(textsOf(last, name).at(-1)))
  const health = (url) =>
    spawnSync(runtimes.node, [tendarr, "health", "--url", url], { env: environment(), encoding: "utf8" })
  await expect("the image serves, reports its health, reads its key from a file, and stops cleanly", () => {
    must(entry === "tendarr", entry)
    return serving(
      tendarr,
      words,
      folder,
      async (server, url) => {
        must(health(url).status === 0, health(url).stderr)
        const response = await fetch(`${url}/api/v1/stats`, { headers: { "x-api-key": apiKey } })
        must(response.status === 200, `stats answered ${response.status}`)
        server.kill(textsOf(last, "STOPSIGNAL").at(-1))
        const code = await new Promise((ended) => server.once("close", ended))
        must(code === 0, `exit code ${code}`)
        must(health(url).status !== 0, "the health of a server that has ended")
      },
      given
    )
  })
}
