/** Writes the generated part of the client into the folder that is named, from the API's own OpenAPI document. */
import { createClient } from "@hey-api/openapi-ts"
import { OpenApiDocument } from "../packages/core/src/api/OpenApiDocument.ts"

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error("Name the folder to write into")

await createClient({
  input: OpenApiDocument.value(),
  logs: { level: "silent" },
  output: { path, module: { extension: ".ts" } },
  plugins: [
    { name: "@hey-api/client-ky", throwOnError: true },
    "@hey-api/typescript",
    { name: "@hey-api/sdk", operations: { strategy: "single", containerName: "TendarrSdk" } }
  ]
})
