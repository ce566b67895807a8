/** People who watch. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { listed } from "../Bodies.ts"

export class User extends Schema.Opaque<User>()(
  Schema.Struct({
    id: Schema.Int,
    plexUserId: Schema.NullOr(Schema.String),
    username: Schema.String,
    email: Schema.NullOr(Schema.String),
    thumbUrl: Schema.NullOr(Schema.String),
    isHomeUser: Schema.Boolean,
    isOwner: Schema.Boolean,
    lastSyncedAt: Schema.NullOr(Schema.String),
    createdAt: Schema.String,
    updatedAt: Schema.String,
    playCount: Schema.Int,
    lastWatched: Schema.NullOr(Schema.String)
  })
) {}

export class UsersApi extends HttpApiGroup.make("users").add(
  HttpApiEndpoint.get("list", "/api/users", { success: listed(User) }).annotateMerge(
    about("List synced users", "People of all connected media servers.")
  ),
  HttpApiEndpoint.post("sync", "/api/users/sync", {
    success: Schema.Struct({ ...listed(User).fields, message: Schema.String }).pipe(HttpApiSchema.status(202))
  }).annotateMerge(about("Sync users", "People are read together with the library: a library scan starts."))
) {}
