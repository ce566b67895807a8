/** Formats a decision for people: the summary, the factors, the rules, the protection, and the facts behind it. */
import { factNames, itemFacts } from "@tendarr/core/library/ItemFacts"
import type { Explanation, ItemDownload } from "@tendarr/sdk-client"
import { ago, bytes, clean, percent, rankText } from "./Format.ts"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"

type Factor = Explanation["score"]["factors"][number]
type Rule = Explanation["rules"][number]
type Acting = NonNullable<Explanation["acting"]>[number]
type Fact = Explanation["facts"][number]

/** `now` is in milliseconds, for the ages of the facts. */
export const decisionLines = (
  decision: Explanation,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> => [
  ...diskLines(decision),
  "",
  style.bold(
    `SCORE ${decision.score.score.toFixed(3)}${decision.score.provisional ? " (provisional)" : ""}${
      decision.modifier === 1
        ? ""
        : ` × ${Number(decision.modifier.toPrecision(4))} by rules = ${rankText(decision.rank)}`
    }`
  ),
  ...(decision.score.reason === null ? [] : [`  ${clean(decision.score.reason)}`]),
  ...factorLines(decision.score.factors, style, width),
  "",
  style.bold("RULES"),
  ...(decision.rules.length === 0 ? ["  none"] : ruleLines(decision.rules, style, width)),
  ...(decision.acting === undefined || decision.acting.length === 0
    ? []
    : ["", style.bold("RULES THAT ACT"), ...actingLines(decision.acting, style, width)]),
  "",
  style.bold("PROTECTION"),
  `  ${protectionOf(decision)}`,
  "",
  style.bold("FACTS"),
  ...factLines(decision.facts, style, width, now)
]

/** The downloads of an item, with what they owe to their trackers; nothing if it has none. */
export const downloadLines = (
  downloads: ReadonlyArray<ItemDownload>,
  style: Style,
  width: number | null
): ReadonlyArray<string> =>
  downloads.length === 0
    ? []
    : [
        "",
        style.bold("DOWNLOADS"),
        ...table<ItemDownload>(
          [
            { header: "NEEDED", cell: ({ obligation }) => needed[obligation._tag] },
            { header: "NAME", cell: ({ name }) => name },
            { header: "CLIENT", cell: ({ client }) => client },
            { header: "REASON", flexible: true, cell: ({ obligation }) => reasonOf(obligation) }
          ],
          downloads,
          { style, width, indent: 2 }
        )
      ]

const needed = { Owed: "yes", Free: "no", Unknown: "unknown" } as const

const reasonOf = (obligation: ItemDownload["obligation"]): string =>
  obligation._tag === "Owed" && obligation.until !== null
    ? `${obligation.because}, at least until ${obligation.until}`
    : obligation.because

const diskLines = ({ diskGroup }: Explanation): ReadonlyArray<string> =>
  diskGroup === null
    ? ["On no known disk"]
    : [
        `On ${clean(diskGroup.mountPath)}, ${percent(diskGroup.usedPercent)} full, mode ${diskGroup.mode}${
          diskGroup.breached ? `, ${bytes(diskGroup.bytesToFree)} to free` : ", within its limits"
        }`
      ]

const factorLines = (factors: ReadonlyArray<Factor>, style: Style, width: number | null) =>
  table<Factor>(
    [
      { header: "FACTOR", cell: ({ name }) => name },
      { header: "WEIGHT", align: "right", cell: ({ weight }) => String(weight) },
      { header: "RAW", align: "right", cell: ({ raw }) => (raw === null ? "-" : raw.toFixed(3)) },
      {
        header: "CONTRIBUTION",
        align: "right",
        cell: ({ contribution }) => (contribution === null ? "-" : contribution.toFixed(3))
      },
      { header: "REASON", flexible: true, cell: ({ reason }) => reason }
    ],
    factors.toSorted((a, b) => (b.contribution ?? -1) - (a.contribution ?? -1)),
    {
      style,
      width,
      indent: 2
    }
  )

const ruleLines = (rules: ReadonlyArray<Rule>, style: Style, width: number | null) =>
  table<Rule>(
    [
      {
        header: "MATCHES",
        cell: ({ truth }) => truth,
        paint: (text, { truth }) => (truth === "true" ? style.good : truth === "unknown" ? style.warn : style.dim)(text)
      },
      { header: "RULE", cell: ({ name }) => name },
      { header: "EFFECT", cell: ({ effect }) => effect },
      { header: "", flexible: true, cell: ({ sentence }) => sentence }
    ],
    rules,
    { style, width, indent: 2 }
  )

const actingLines = (rules: ReadonlyArray<Acting>, style: Style, width: number | null) =>
  table<Acting>(
    [
      {
        header: "OUTCOME",
        cell: ({ outcome }) => outcome,
        paint: (text, { outcome }) =>
          (outcome === "acts" ? style.bad : outcome === "does-not-match" ? style.dim : style.warn)(text)
      },
      { header: "RULE", cell: ({ name }) => name },
      { header: "ACTION", cell: ({ action }) => action.type },
      { header: "", flexible: true, cell: ({ sentence }) => sentence }
    ],
    rules,
    { style, width, indent: 2 }
  )

const protectionOf = ({ protection }: Explanation): string =>
  protection === null
    ? "none"
    : clean(
        `protected by ${protection.actor}${protection.reason === "" ? "" : `: ${protection.reason}`}${
          protection.expiresAt === null ? "" : `, until ${protection.expiresAt}`
        }`
      )

const factLines = (facts: ReadonlyArray<Fact>, style: Style, width: number | null, now: number) =>
  table<Fact>(
    [
      { header: "FACT", cell: ({ fact }) => fact },
      {
        header: "VALUE",
        flexible: true,
        cell: (fact) =>
          fact.state === "unknown" ? `unknown: ${fact.detail ?? fact.reason ?? ""}` : valueOf(fact, now),
        paint: (text, fact) => (fact.state === "unknown" ? style.warn(text) : text)
      },
      { header: "SOURCE", cell: ({ source }) => source ?? "" },
      { header: "READ", cell: ({ at }) => (at === null ? "" : ago(at, now)) }
    ],
    facts,
    { style, width, indent: 2 }
  )

/** The value of a fact as text; a known `null` means none. */
const valueOf = ({ fact, value }: Fact, now: number): string => {
  if (value === null) return isDate(fact) ? "never" : "none"
  if (fact === "sizeBytes" && typeof value === "number") return bytes(value)
  if (isDate(fact) && typeof value === "string") return `${value.slice(0, 10)} (${ago(value, now)})`
  if (typeof value === "boolean") return value ? "yes" : "no"
  if (typeof value !== "object") return String(value)
  if (value.length === 0) return "none"
  return value.map((entry) => (typeof entry === "string" ? entry : `${entry.user} (${entry.plays})`)).join(", ")
}

const isDate = (fact: string): boolean => factNames.some((name) => name === fact && itemFacts[name].type === "date")
