import { clientSuite } from "../../core/test/client/Suite.ts"

clientSuite("Node", process.execPath)
