import { defineConfig } from "vitest/config"

const resolve = { conditions: ["tendarr-source"] }

export default defineConfig({
  resolve,
  ssr: { resolve },
  test: {
    projects: ["core", "http-node", "http-bun", "cli", "sdk-client"].map((name) => ({
      extends: true as const,
      test: {
        name,
        root: `packages/${name}`,
        include: ["test/**/*.test.ts"],
        testTimeout: 30_000,
        hookTimeout: 30_000
      }
    }))
  }
})
