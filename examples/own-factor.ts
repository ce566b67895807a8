/**
 * A custom factor of the score: items in the highest resolution are removed first, since they can be downloaded again
 * in a lower one. It is listed, weighted and explained like the built-in factors. Removes nothing.
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
  // Facts that it may read, and kinds of items that it applies to; it is not called for others.
  facts: ["resolution"],
  itemKinds: ["movie"],
  // 0 = keep, 1 = remove. `onText` handles an unknown fact (the item is then undecided and kept), and a fact that no
  // application can know (the factor is then left out of the score). `null` = known to have none.
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

// Weights are settings: this one is kept until somebody changes it.
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
