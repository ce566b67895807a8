/** Errors of downloads. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export class DownloadNotFound extends Problem<DownloadNotFound>()(
  "DownloadNotFound",
  { code: "download-not-found", status: 404, title: "There is no such download" },
  { downloadId: Schema.String }
) {}
