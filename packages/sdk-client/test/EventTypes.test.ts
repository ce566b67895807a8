import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, it } from "vitest"

const read = (path: string) => readFileSync(path, "utf8")
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

it("knows every type of event that is logged", () => {
  const folder = at("../../core/src")
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))
  const logged = sources.flatMap((file) =>
    [...read(join(folder, file)).matchAll(/(?:\btype: |\btold\()"([a-z-]+\.[a-z-]+)"/g)].map(([, type]) => type ?? "")
  )
  const known = read(at("../src/TendarrEvent.ts"))
  assert.isAbove(logged.length, 30)
  assert.deepEqual(
    logged.filter((type) => !known.includes(`| "${type}"`)),
    []
  )
})
