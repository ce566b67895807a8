/** Kinds of integration for the applications of a `FakeLibrary`. */
import { type Layer, Schema } from "effect"
import type { Connected, Kind } from "../../src/integrations/Kind.ts"
import { Kinds, sealKind } from "../../src/integrations/Kinds.ts"
import { fakeChanges } from "./FakeChanges.ts"
import type { FakeLibrary } from "./FakeLibrary.ts"

/** The kinds `shelf`, `screen` and `wishes`, which all read one library. */
export const fakeKinds = (library: FakeLibrary): Layer.Layer<Kinds> =>
  Kinds.layerWith([
    sealKind(
      fakeKind("shelf", ["catalog", "disks", "removal", "collections", "changes"], () => ({
        ...library.manager,
        changes: fakeChanges(library)
      }))
    ),
    sealKind(fakeKind("screen", ["playback", "labels", "collections", "catalog", "removal"], () => library.server)),
    sealKind(fakeKind("wishes", library.requestsCan, () => library.requests))
  ])

const fakeKind = (id: string, capabilities: Kind["capabilities"], connect: () => Connected): Kind<{}> => ({
  id,
  title: id,
  description: "Stands in for an application in tests",
  capabilities,
  itemKinds: ["movie", "show", "season", "episode"],
  config: Schema.Struct({}),
  syncCost: { formula: "none", calls: () => 0 },
  connect
})
