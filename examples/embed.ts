/**
 * Tendarr embedded in your own program: connects Radarr, reads it, and prints what could be removed and why. It removes
 * nothing: a disk starts in the mode `dry-run`.
 *
 *   RADARR_URL=http://localhost:7878 RADARR_API_KEY=… node examples/embed.ts
 */
import { openTendarr } from "@tendarr/http-node/OpenTendarr"

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

await using tendarr = await openTendarr({ dataDirectory: process.env["TENDARR_DATA_DIR"] ?? "./tendarr-data" })

if ((await tendarr.integrations.list()).length === 0) {
  await tendarr.integrations.create({
    kind: "radarr",
    name: "Radarr",
    url: process.env["RADARR_URL"] ?? "http://localhost:7878",
    config: { apiKey: process.env["RADARR_API_KEY"] ?? "" }
  })
}

const { report } = await tendarr.sync()
console.log(`${report?.total ?? 0} items in the library`)

for (const disk of await tendarr.disks.list()) {
  console.log(`${disk.mountPath}: ${disk.usedPercent.toFixed(1)} % of ${gigabytes(disk.totalBytes)} used, ${disk.mode}`)
}

const { items, summary } = await tendarr.preview({ status: "candidate", limit: 3 })
console.log(`${summary.candidate.items} items could go, ${gigabytes(summary.planned.bytes)} would`)
for (const item of items) console.log(`- ${item.title} (${gigabytes(item.sizeBytes)}): ${item.reason}`)
