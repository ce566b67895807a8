/**
 * A factor of the score of your own: what stands there in the highest resolution goes first, since it can be had again in
 * a smaller one. It is listed, weighed and explained like those that Tendarr brings. Removes nothing.
 *
 *   TENDARR_DATA_DIR=./tendarr-data node examples/own-factor.ts
 */
import { onText } from "@tendarr/core/capacity/FactorReading"
import type { Factor } from "@tendarr/core/capacity/Factors"
import { openTendarr } from "@tendarr/http-node/OpenTendarr"

const lines = (resolution: string | null) => Number.parseInt(resolution ?? "", 10) || 0

const sharpness: Factor = {
  key: "sharpness",
  name: "Sharpness",
  description: "How many lines the picture has. 2160 count fully.",
  aliases: ["resolution"],
  defaultWeight: 5,
  // Facts it may ask for, and kinds of item it is about; of others it is not asked.
  facts: ["resolution"],
  itemKinds: ["movie"],
  // 0 keeps, 1 lets go. `onText` answers for you while the fact is unknown (the item is then undecided and stays), and
  // where no application can know it (the factor is then left out of the score). `null` = known to have none.
  raw: (sheet) => onText("resolution", sheet, (resolution) => lines(resolution) / 2160),
  reason: (sheet) => {
    const fact = sheet.get("resolution")
    return fact._tag === "Known" && typeof fact.value === "string" ? `It is in ${fact.value}` : "No resolution is known"
  }
}

await using tendarr = await openTendarr({
  dataDirectory: process.env["TENDARR_DATA_DIR"] ?? "./tendarr-data",
  factors: [sharpness]
})

for (const { key, weight } of await tendarr.scoring.factors()) console.log(`${key}: ${weight} of 10`)

// Weights are settings: this one stays until somebody changes it.
await tendarr.scoring.setWeights({ sharpness: 10 })

for await (const { itemId, title } of tendarr.previewAll({ status: "candidate", limit: 3 })) {
  const { decision } = await tendarr.explain(itemId)
  const mine = decision?.score.factors.find(({ key }) => key === "sharpness")
  if (mine === undefined || mine.contribution === null) continue
  console.log(
    `${title}: ${mine.reason}, ${(mine.contribution * 100).toFixed(0)} of ${((decision?.score.score ?? 0) * 100).toFixed(0)} points`
  )
  break
}
