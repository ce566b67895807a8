import { doorSuite } from "../../core/test/door/Suite.ts"

doorSuite("Node", process.execPath)
