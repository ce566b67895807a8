/** Downloads that wait for their import: the report of a run, and how one is shown. */
import { Schema } from "effect"
import { importOutcomes } from "./ImportOutcomes.ts"

export const ImportOutcomeName = Schema.Literals(importOutcomes).annotate({
  description:
    "`nobody`: no application had it fetched. `unknown`: whose it is, or where its files are, is not known. `incomplete`: its files are not complete, or its client is at work on them. `imported`: its application has imported it. `ignored`: rules, its tag or a person exempt it. `held`: nothing is concluded about its client, or it is being removed. `importing`: its application is importing it. `kept`: it is not to be imported. `waiting`: its application is expected to import it by itself. `import`: it is to be handed to its application. `planned`: it is being handed over. `needs-person`: a person has to decide."
})

export const WaitingImport = Schema.Struct({
  downloadId: Schema.String,
  name: Schema.String,
  client: Schema.String,
  application: Schema.NullOr(Schema.String),
  outcome: ImportOutcomeName,
  because: Schema.String,
  path: Schema.NullOr(Schema.String).annotate({
    description: "Its file or folder as the application sees it; null = it is not to be handed over."
  }),
  mode: Schema.NullOr(Schema.Literals(["copy", "auto"])).annotate({
    description:
      "`copy`: its files stay in its client, as hard links or copies. `auto`: the application moves them if it may."
  })
}).annotate({ identifier: "WaitingImport", description: "Whether a download is handed to its application, and why." })
export type WaitingImport = typeof WaitingImport.Type

export const ImportReport = Schema.Struct({
  dryRun: Schema.Boolean,
  downloads: Schema.Int.annotate({ description: "Downloads that were judged." }),
  counts: Schema.Record(Schema.String, Schema.Int).annotate({ description: "Number of downloads by outcome." }),
  planned: Schema.Int.annotate({ description: "Downloads that this run decided to hand over." }),
  imported: Schema.Int,
  spared: Schema.Int,
  failed: Schema.Int,
  waiting: Schema.Int,
  items: Schema.Array(WaitingImport).annotate({ description: "The first hundred that are not imported." })
}).annotate({ identifier: "ImportReport" })
export type ImportReport = typeof ImportReport.Type

/** How many downloads a report lists. */
export const mostListed = 100
