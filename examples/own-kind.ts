/**
 * Connects an application without a built-in kind (`stagearr.ts`), reads it, and prints what could be removed.
 *
 *   STAGEARR_URL=http://localhost:8990 STAGEARR_API_KEY=… node examples/own-kind.ts
 */
import { openTendarr } from "@tendarr/http-node/OpenTendarr"
import { stagearr } from "./stagearr.ts"

await using tendarr = await openTendarr({
  dataDirectory: process.env["TENDARR_DATA_DIR"] ?? "./tendarr-data",
  kinds: [stagearr]
})

const address = {
  kind: "stagearr",
  url: process.env["STAGEARR_URL"] ?? "http://localhost:8990",
  config: { apiKey: process.env["STAGEARR_API_KEY"] ?? "" }
}
const answer = await tendarr.integrations.test(address)
if (!answer.ok) throw new Error(answer.error?.detail)
console.log(`${answer.appName} ${answer.version} answers`)

if ((await tendarr.integrations.list()).length === 0) {
  await tendarr.integrations.create({ name: "Stagearr", ...address })
}

const { report } = await tendarr.sync({ onProgress: ({ message }) => console.log(`… ${message}`) })
for (const { calls, entries, name, outcome } of report?.integrations ?? []) {
  console.log(`${name}: ${outcome}, ${entries["catalog"] ?? 0} items in ${calls} calls`)
}

const { items } = await tendarr.preview({ status: "candidate", limit: 3 })
for (const { kind, reason, title } of items) console.log(`- ${kind} ${title}: ${reason}`)
