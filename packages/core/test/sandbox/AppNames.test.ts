import { assert, describe, it } from "vitest"
import { allApps, appNames } from "../../src/sandbox/AppNames.ts"
import { sandboxApps } from "../../src/sandbox/apps/Apps.ts"

describe("The names of simulated applications", () => {
  it("are those of the existing applications", () => {
    const named = sandboxApps.flatMap((app) => (app.id === app.kind ? [app.id] : [app.kind, app.id]))
    assert.deepStrictEqual(appNames, [allApps, ...new Set(named)])
  })
})
