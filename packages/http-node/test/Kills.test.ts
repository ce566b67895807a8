import { killsSuite } from "../../core/test/killed/Kills.ts"
import { fromSource } from "./FromSource.ts"

killsSuite("Node", fromSource)
