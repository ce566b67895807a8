/**
 * A kind of integration of your own. Sportarr stands here for any application of the *arr family: it manages leagues as
 * its relatives manage shows, and seasons of them. All that is its own is a name, an address of its API, and its ids.
 */
import { sealKind } from "@tendarr/core/integrations/Kinds"
import { arrKind } from "@tendarr/core/integrations/kinds/arr/ArrKind"
import { seriesFamily } from "@tendarr/core/integrations/kinds/arr/Series"
import { idOf } from "@tendarr/core/integrations/kinds/Values"

export const sportarr = sealKind(
  arrKind({
    id: "sportarr",
    title: "Sportarr",
    description: "Manages leagues and their seasons: what is there, on which disks, and its removal and return.",
    // The status of the application must call itself so; any other one at the address is refused.
    application: { appName: "Sportarr", api: "api/v3" },
    // Where `tendarr init` looks for it.
    port: 8990,
    // Families: movies (`movieFamily`), series by seasons, creators with works (`creatorFamily`). Whoever does not fit one
    // of them writes a `Kind` by hand; its contract is `@tendarr/core/integrations/Kind`.
    generations: [
      {
        family: seriesFamily(({ tvdbId, imdbId }) => [
          // Ids that a media server knows too: by them plays find their way to a season.
          ...idOf("tvdb", tvdbId),
          ...idOf("imdb", imdbId)
        ])
      }
    ]
  })
)
