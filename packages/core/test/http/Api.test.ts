/** What the API guarantees on every runtime, tested with the complete server in this process. */
import { accessTests } from "./Access.ts"
import { auditTests } from "./Audit.ts"
import { badInputTests } from "./BadInput.ts"
import { guardTests } from "./Guards.ts"
import { listTests } from "./Lists.ts"
import { resourceTests } from "./Resources.ts"
import { sandboxServed } from "./SandboxServed.ts"
import { startInMemory } from "./ServerInMemory.ts"
import { episodeTests } from "./Episodes.ts"
import { viewerTests } from "./Viewers.ts"

const served = sandboxServed(startInMemory)

served("serving the sandbox", (server) => {
  accessTests(server)
  resourceTests(server)
  listTests(server)
  viewerTests(server)
  episodeTests(server)
})
served("given bad input", badInputTests)
served("keeping its log", auditTests)
served("opened in a browser", guardTests)
