import { fileURLToPath } from "node:url"
import { telemetrySuite } from "../../core/test/telemetry/Suite.ts"
import { fromSource } from "./FromSource.ts"

const main = fileURLToPath(new URL("Mounts.main.ts", import.meta.url))

telemetrySuite("Bun", { ...fromSource, args: [...fromSource.args.slice(0, -1), main] })
