/** Downloads and download clients: what they do, what is wrong with them and whose fault that is, and their strikes. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { DownloadNotFound } from "../../downloads/DownloadErrors.ts"
import { ImportsQuery } from "../../downloads/imports/ImportViews.ts"
import { WaitingImport } from "../../downloads/imports/ImportReport.ts"
import { BlockedQuery } from "../../downloads/malware/BlockedViews.ts"
import { BlockedDownload } from "../../downloads/malware/BlockingReport.ts"
import { DownloadFigures, DownloadTimeline, FiguresQuery, TimelineQuery } from "../../downloads/DownloadFigures.ts"
import { DownloadClientView, DownloadDetail, DownloadQuery, DownloadView } from "../../downloads/DownloadViews.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, pageOf, paging } from "../Common.ts"

export class DownloadsApi extends HttpApiGroup.make("downloads")
  .add(
    HttpApiEndpoint.get("list", "/downloads", {
      query: { ...DownloadQuery.fields, ...paging },
      success: pageOf(DownloadView),
      error: InvalidRequest
    }).annotateMerge(about("List downloads", "By name, as their clients were last read.")),
    HttpApiEndpoint.get("get", "/downloads/:id", {
      params: idPath,
      success: DownloadDetail,
      error: [DownloadNotFound, RulesUnreadable]
    }).annotateMerge(
      about(
        "One download with its explanation",
        "Everything that its client reports, what was observed of it, whose it is, what the rules say of it, and its strikes."
      )
    ),
    HttpApiEndpoint.post("forgive", "/downloads/:id/forgive", {
      params: idPath,
      success: DownloadDetail,
      error: [DownloadNotFound, RulesUnreadable]
    }).annotateMerge(about("Take the strikes of a download away")),
    HttpApiEndpoint.get("stats", "/downloads/stats", {
      query: FiguresQuery.fields,
      success: DownloadFigures,
      error: InvalidRequest
    }).annotateMerge(
      about(
        "Figures about downloads",
        "Events, strikes, removals, searches and runs of the last hours. They are counted as they happen, in quarters of an hour."
      )
    ),
    HttpApiEndpoint.get("timeline", "/downloads/timeline", {
      query: TimelineQuery.fields,
      success: DownloadTimeline,
      error: InvalidRequest
    }).annotateMerge(about("A figure about downloads over time", "Per hour, day, week or month of a time zone.")),
    HttpApiEndpoint.get("blocked", "/downloads/blocked", {
      query: { ...BlockedQuery.fields, ...paging },
      success: pageOf(BlockedDownload),
      error: [InvalidRequest, RulesUnreadable]
    }).annotateMerge(
      about(
        "What lists of names do to downloads",
        "By name, as their files were last read. With `list`, what one list would do if only it applied. Changes nothing."
      )
    ),
    HttpApiEndpoint.get("imports", "/downloads/imports", {
      query: { ...ImportsQuery.fields, ...paging },
      success: pageOf(WaitingImport),
      error: [InvalidRequest, RulesUnreadable]
    }).annotateMerge(
      about(
        "Downloads that wait for their import",
        "By name, as everything was last read: which of them are handed to their application, and why the others are not. Changes nothing."
      )
    ),
    HttpApiEndpoint.get("clients", "/download-clients", {
      success: listOf(DownloadClientView)
    }).annotateMerge(about("List download clients", "As they were last read, with what they do by themselves."))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Downloads in all download clients. Rules about them give strikes for faults of their releases."
  ) {}
