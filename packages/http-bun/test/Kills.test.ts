import { killsSuite } from "../../core/test/killed/Kills.ts"
import { server } from "./FromSource.ts"

killsSuite("Bun", server)
