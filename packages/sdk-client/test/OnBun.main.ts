/** A program for Bun: runs the cases against the given stage, and prints their outcomes. */
import * as sdk from "../src/TendarrClient.ts"
import { cases } from "./Cases.ts"
import { runCases } from "./RunCases.ts"

const [url = "", apiKey = ""] = process.argv.slice(2)
process.stdout.write(JSON.stringify(await runCases(cases, { url, apiKey, sdk })))
