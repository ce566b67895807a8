/** Moving in from other products: a file is previewed, and then applied as a whole. Only for admins. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import {
  MoveIn,
  MoveInApplied,
  MoveInEntry,
  MoveInNotFound,
  MoveInOptions,
  MoveInOutcome,
  MoveInOutdated,
  MoveInSection,
  MovingFileFailed,
  MovingFileTooLarge,
  MovingFileUnusable,
  MovingProductInfo,
  ProductName
} from "../../moving/MoveIn.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, NeedsScope, pageOf, paging } from "../Common.ts"

export class MovingInApi extends HttpApiGroup.make("moving")
  .add(
    HttpApiEndpoint.get("products", "/moving-in/products", { success: listOf(MovingProductInfo) })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Products whose files can be moved in")),
    HttpApiEndpoint.get("list", "/moving-in/previews", { success: listOf(MoveIn) })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("List previews", "Newest first, those that were applied included.")),
    HttpApiEndpoint.post("preview", "/moving-in/previews", {
      query: { product: ProductName, ...MoveInOptions.fields },
      payload: HttpApiSchema.StreamUint8Array({
        contentType: ["application/octet-stream", "application/vnd.sqlite3", "application/yaml"]
      }),
      success: MoveIn.pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, MovingFileUnusable, MovingFileTooLarge, MovingFileFailed]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Preview a move",
          "The body is the file of the other product. It is read and deleted; what applying it would do is stored, and nothing else is changed."
        )
      ),
    HttpApiEndpoint.get("get", "/moving-in/previews/:id", { params: idPath, success: MoveIn, error: MoveInNotFound })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("One preview")),
    HttpApiEndpoint.get("entries", "/moving-in/previews/:id/entries", {
      params: idPath,
      query: {
        section: Schema.optionalKey(MoveInSection),
        outcome: Schema.optionalKey(MoveInOutcome),
        ...paging
      },
      success: pageOf(MoveInEntry),
      error: [MoveInNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "The records of a preview",
          "Every record of the file with what becomes of it, and why it is not carried over."
        )
      ),
    HttpApiEndpoint.post("apply", "/moving-in/previews/:id/apply", {
      params: idPath,
      success: MoveIn,
      error: [MoveInNotFound, MoveInApplied, MoveInOutdated]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Apply a preview",
          "Creates exactly what the preview says, or nothing: it is refused if the library, the rules or the protections have changed so that something else would be created. Rules that act arrive switched off."
        )
      ),
    HttpApiEndpoint.delete("remove", "/moving-in/previews/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: MoveInNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Delete a preview", "What was moved in stays."))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Rules, protections, queues and history of other products, moved in from their files. Previews that were not applied are deleted after some days."
  ) {}
