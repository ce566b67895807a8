/** Refusals that only this API has. */
import { Schema } from "effect"
import { Problem } from "../../problems/Problem.ts"

/** Prunerr does not queue a second scan. */
export class ScanRunning extends Problem<ScanRunning>()(
  "ScanRunning",
  { code: "scan-running", status: 409, title: "Already in progress" },
  { detail: Schema.String }
) {}

export class ItemNotProtected extends Problem<ItemNotProtected>()("ItemNotProtected", {
  code: "item-not-protected",
  status: 409,
  title: "Item is not protected by itself"
}) {}

export class NotQueued extends Problem<NotQueued>()("NotQueued", {
  code: "not-queued",
  status: 400,
  title: "Item is not in the deletion queue"
}) {}
