/**
 * The registry of kinds: the built-in ones and additional ones. Kinds are looked up by id; nothing outside `kinds/`
 * names a kind.
 */
import { Context, Effect, Layer, Schema, type JsonSchema } from "effect"
import { checkForm, configSchemaOf, fieldsOf } from "./ConfigForm.ts"
import type { ConfigField, Kind } from "./Kind.ts"
import { deluge } from "./kinds/deluge.ts"
import { emby } from "./kinds/emby.ts"
import { jellyfin } from "./kinds/jellyfin.ts"
import { jellystat } from "./kinds/jellystat.ts"
import { lidarr } from "./kinds/lidarr.ts"
import { nzbget } from "./kinds/nzbget.ts"
import { ombi } from "./kinds/ombi.ts"
import { plex } from "./kinds/plex.ts"
import { qbittorrent } from "./kinds/qbittorrent.ts"
import { radarr } from "./kinds/radarr.ts"
import { readarr } from "./kinds/readarr.ts"
import { rtorrent } from "./kinds/rtorrent.ts"
import { sabnzbd } from "./kinds/sabnzbd.ts"
import { jellyseerr, overseerr, seerr } from "./kinds/seerr.ts"
import { sonarr } from "./kinds/sonarr.ts"
import { sportarr } from "./kinds/sportarr.ts"
import { streamystats } from "./kinds/streamystats.ts"
import { tautulli } from "./kinds/tautulli.ts"
import { tracearr } from "./kinds/tracearr.ts"
import { transmission } from "./kinds/transmission.ts"
import { utorrent } from "./kinds/utorrent.ts"
import { whisparr } from "./kinds/whisparr.ts"

/** The public description of a kind: enough to choose one and to render its form. */
export interface KindDescription extends Omit<Kind, "config" | "connect" | "facts" | "syncCost"> {
  readonly fields: ReadonlyArray<ConfigField>
  readonly syncCost: string
  /** JSON Schema (draft 2020-12) of the configuration, for forms. */
  readonly configSchema: JsonSchema.JsonSchema
}

/** The registry: an external kind is added by `layerWith` when the services are built, or by `register` at any time. */
export class Kinds extends Context.Service<
  Kinds,
  {
    /** All kinds, in the order in which they are offered. */
    readonly list: Effect.Effect<ReadonlyArray<Kind>>
    readonly find: (id: string) => Effect.Effect<Kind | undefined>
    readonly descriptions: Effect.Effect<ReadonlyArray<KindDescription>>
    /** Adds a kind, or replaces the one with its id. */
    readonly register: <Config>(kind: Kind<Config>) => Effect.Effect<void>
  }
>()("tendarr/integrations/Kinds") {
  /** The built-in kinds, and `extra` ones made by `sealKind`. */
  static readonly layerWith = (extra: ReadonlyArray<Kind>): Layer.Layer<Kinds> =>
    Layer.sync(Kinds, () => {
      const kinds = new Map([...builtIn, ...extra].map((kind) => [kind.id, kind]))
      const list = Effect.sync(() => [...kinds.values()])
      return Kinds.of({
        list,
        find: (id) => Effect.sync(() => kinds.get(id)),
        descriptions: Effect.map(list, (all) => all.map(describe)),
        register: (kind) => Effect.sync(() => void kinds.set(kind.id, sealKind(kind)))
      })
    })

  static readonly layer = Kinds.layerWith([])
}

/**
 * Hides the type of a kind's configuration, so that kinds can stand in one list. Throws if no form can be derived from the
 * schema of the configuration.
 *
 * @example
 * ```ts
 * import type { Kind } from "@tendarr/core/integrations/Kind"
 * import { sealKind } from "@tendarr/core/integrations/Kinds"
 * import { ServicesWith } from "@tendarr/core/Services"
 *
 * declare const wishlist: Kind<{ readonly apiKey: string }>
 *
 * export const services = ServicesWith({ kinds: [sealKind(wishlist)] })
 * ```
 */
export const sealKind = <Config>(kind: Kind<Config>): Kind => {
  const isConfig = Schema.is(kind.config)
  const sealed: Kind = {
    ...kind,
    connect: (client, connection) => {
      const { config } = connection
      if (!isConfig(config))
        throw new TypeError(`The configuration of "${connection.name}" was not decoded by ${kind.id}`)
      return kind.connect(client, { ...connection, config })
    }
  }
  checkForm(sealed)
  return sealed
}

const describe = (kind: Kind): KindDescription => {
  const { config: _config, connect: _connect, facts: _facts, syncCost, ...rest } = kind
  return { ...rest, fields: fieldsOf(kind), configSchema: configSchemaOf(kind), syncCost: syncCost.formula }
}

const builtIn: ReadonlyArray<Kind> = [
  sealKind(radarr),
  sealKind(sonarr),
  sealKind(lidarr),
  sealKind(readarr),
  sealKind(whisparr),
  sealKind(sportarr),
  sealKind(plex),
  sealKind(jellyfin),
  sealKind(emby),
  sealKind(tautulli),
  sealKind(jellystat),
  sealKind(tracearr),
  sealKind(streamystats),
  sealKind(overseerr),
  sealKind(jellyseerr),
  sealKind(seerr),
  sealKind(ombi),
  sealKind(qbittorrent),
  sealKind(transmission),
  sealKind(deluge),
  sealKind(sabnzbd),
  sealKind(nzbget),
  sealKind(rtorrent),
  sealKind(utorrent)
]
