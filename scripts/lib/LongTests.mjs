/**
 * Test files that take long because they start many servers, kill them, or repeat on Bun what runs on Node: storage that
 * fails, kills, telemetry, mounts; and those that start download clients. `npm test` leaves them out, so that it takes minutes; `npm run test:long` and CI run
 * them.
 */
export const longTests = [
  "packages/core/test/integrations/real/RealBlocking.test.ts",
  "packages/core/test/integrations/real/RealClients.test.ts",
  "packages/core/test/integrations/real/RealSeeding.test.ts",
  "packages/http-node/test/Storage.test.ts",
  "packages/http-node/test/Killed.test.ts",
  "packages/http-node/test/Telemetry.test.ts",
  "packages/http-node/test/Mounts.test.ts",
  "packages/http-bun/test/Storage.test.ts",
  "packages/http-bun/test/Telemetry.test.ts",
  "packages/http-bun/test/Mounts.test.ts",
  "packages/http-bun/test/Http.test.ts"
]

/** The kills at random moments, which `scripts/kills.mjs` runs. */
export const killTests = ["packages/http-node/test/Kills.test.ts", "packages/http-bun/test/Kills.test.ts"]

/** Of the files that \`npm test\` runs, those that take a quarter of a minute and more, the longest first. */
export const longest = [
  "examples/test/Docs.test.ts",
  "packages/http-node/test/Http.test.ts",
  "examples/test/Examples.test.ts",
  "packages/core/test/removals/Histories.test.ts",
  "packages/core/test/removals/ActingOutages.test.ts",
  "packages/core/test/http/Api.test.ts",
  "packages/cli/test/Served.test.ts",
  "packages/core/test/system/Restoring.test.ts",
  "packages/cli/test/InProcess.test.ts",
  "packages/core/test/library/PerfectObserver.test.ts",
  "packages/http-node/test/KilledActions.test.ts",
  "packages/cli/test/Init.test.ts"
]
