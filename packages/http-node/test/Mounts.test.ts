import { fileURLToPath } from "node:url"
import { mountSuite } from "../../core/test/mounts/Suite.ts"
import { fromSource } from "./FromSource.ts"

const main = fileURLToPath(new URL("Mounts.main.ts", import.meta.url))

mountSuite("Node", { ...fromSource, args: [...fromSource.args.slice(0, -1), main] })
