/** Installs the dependencies of the lockfile once: a stamp in node_modules records for which lockfile. */
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { CommandFailed, print, root, run, runtimes } from "./Process.mjs"

const stampFile = join(root, "node_modules", ".tendarr-install")

/** The inputs of an installation. */
const wanted = () => {
  const hash = createHash("sha256")
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, file)))
  return hash.digest("hex")
}

const isInstalled = (stamp) =>
  existsSync(stampFile) &&
  readFileSync(stampFile, "utf8") === stamp &&
  Object.values(runtimes).every((file) => existsSync(file))

/**
 * Errors are printed even with `npm start --silent`, and an unreachable registry is reported after seconds instead of
 * minutes.
 */
const installing = {
  CI: "1",
  npm_config_loglevel: "error",
  npm_config_fetch_retries: "2",
  npm_config_fetch_retry_mintimeout: "1000",
  npm_config_fetch_retry_maxtimeout: "5000"
}

/** Installs if necessary; the registry is not contacted if the stamp matches. */
export const install = async () => {
  const stamp = wanted()
  if (isInstalled(stamp)) return
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  print(`Installing dependencies with ${packageManager} (once for each change of the lockfile) …`)
  const started = Date.now()
  const arguments_ = ["install", "--frozen-lockfile", "--reporter=append-only"]
  try {
    await run("npm", ["exec", "--yes", packageManager, "--", ...arguments_], {
      cwd: root,
      quiet: true,
      env: installing
    })
    for (const file of Object.values(runtimes)) await run(file, ["--version"], { quiet: true })
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    throw new Error(explain(error), { cause: error })
  }
  writeFileSync(stampFile, stamp)
  print(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

const explain = ({ message, output }) => {
  const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_PNPM_META_FETCH_FAIL/.test(
    output
  )
  const lines = output.trimEnd().split("\n").slice(-15).join("\n")
  const head = unreachable
    ? "The package registry cannot be reached. The first start needs it once; afterwards everything runs offline."
    : `The dependencies could not be installed: ${message}`
  return `${head}\n${lines}`
}
