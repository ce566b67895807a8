/** What a runtime provides: its database driver, its HTTP services, and a way to serve mounts. */
import type { Effect, FileSystem, Layer, Path, Scope } from "effect"
import type { Etag, HttpPlatform } from "effect/http"
import type { SqlClient } from "effect/sql"
import type { EdgeServices, MountTable } from "../api/MountTable.ts"
import type { Resizer } from "../artwork/ImageResizer.ts"
import type { ConnectionsError } from "../storage/Connections.ts"
import type { DataDirectory, ReadSql } from "../storage/Database.ts"
import type { Address, CannotListen } from "./Listening.ts"

export type PlatformServices = FileSystem.FileSystem | Path.Path
export type HttpServices = HttpPlatform.HttpPlatform | Etag.Generator

export interface Runtime {
  /** Name and version, for example `node 24.1.0`. */
  readonly name: string
  readonly database: (
    folder: string,
    filename: string
  ) => Layer.Layer<SqlClient.SqlClient | ReadSql | DataDirectory, ConnectionsError, PlatformServices>
  /** Makes posters smaller. */
  readonly images: Resizer
  readonly http: Layer.Layer<HttpServices, never, PlatformServices>
  /** Serves the mounts on a port until the scope closes; returns the address. May be called any number of times. */
  readonly listen: <Services>(
    address: Address,
    mounts: MountTable<Services>
  ) => Effect.Effect<string, CannotListen, Services | EdgeServices | Scope.Scope>
  /** Run once when the server is up. */
  readonly settle: Effect.Effect<void, never, Scope.Scope>
  /** Run when much memory has become free, or will: returns it to the system as soon as the process is not busy. */
  readonly collect: Effect.Effect<void>
}
