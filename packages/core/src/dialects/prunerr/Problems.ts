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

/** It stays in the queue, or left it for the reason given. */
export class NotDeleted extends Problem<NotDeleted>()(
  "NotDeleted",
  { code: "not-deleted", status: 409, title: "Item was not deleted" },
  { detail: Schema.String }
) {}

/** No connected application has this name. */
export class ServiceNotConfigured extends Problem<ServiceNotConfigured>()(
  "ServiceNotConfigured",
  { code: "service-not-configured", status: 400, title: "Service is not configured" },
  { detail: Schema.String }
) {}

/** Prunerr answers a connection that does not work with 400. */
export class ConnectionFailed extends Problem<ConnectionFailed>()(
  "ConnectionFailed",
  { code: "connection-failed", status: 400, title: "Connection failed" },
  { detail: Schema.String }
) {}
