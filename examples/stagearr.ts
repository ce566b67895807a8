/**
 * A custom kind of integration. Stagearr stands for any application of the *arr family: it manages theatres and their
 * seasons as others manage shows. Only its name, the path of its API, and its ids have to be specified.
 */
import { sealKind } from "@tendarr/core/integrations/Kinds"
import { arrKind } from "@tendarr/core/integrations/kinds/arr/ArrKind"
import { seriesFamily } from "@tendarr/core/integrations/kinds/arr/Series"
import { idOf } from "@tendarr/core/integrations/kinds/Values"

export const stagearr = sealKind(
  arrKind({
    id: "stagearr",
    title: "Stagearr",
    description: "Manages theatres and their seasons: what is there, on which disks, and its removal and return.",
    // The status of the application must contain this name; any other application at the address is refused.
    application: { appName: "Stagearr", api: "api/v3" },
    // The port on which `tendarr init` looks for it.
    port: 8990,
    // Families: movies (`movieFamily`), series by seasons, creators with works (`creatorFamily`). For any other
    // application, write a `Kind` by hand; its interface is `@tendarr/core/integrations/Kind`.
    generations: [
      {
        family: seriesFamily(({ tvdbId, imdbId }) => [
          // Ids that media servers know too: they attach plays to seasons.
          ...idOf("tvdb", tvdbId),
          ...idOf("imdb", imdbId)
        ])
      }
    ]
  })
)
