/** The handlers of all groups. */
import { Layer } from "effect"
import { AccessHandlers, SetupHandlers } from "./Access/Http.ts"
import { ActsHandlers } from "./Acts/Http.ts"
import { BackupsHandlers } from "./Backups/Http.ts"
import { CapacityHandlers } from "./Capacity/Http.ts"
import { DialectsHandlers } from "./Dialects/Http.ts"
import { DownloadsHandlers } from "./Downloads/Http.ts"
import { EventsHandlers } from "./Events/Http.ts"
import { IntegrationsHandlers } from "./Integrations/Http.ts"
import { JobsHandlers } from "./Jobs/Http.ts"
import { LibraryHandlers } from "./Library/Http.ts"
import { MovingInHandlers } from "./MovingIn/Http.ts"
import { NameListsHandlers } from "./NameLists/Http.ts"
import { OrphansHandlers } from "./Orphans/Http.ts"
import { RemovalsHandlers } from "./Removals/Http.ts"
import { RulesHandlers } from "./Rules/Http.ts"
import { ScoringHandlers } from "./Scoring/Http.ts"
import { SeedingHandlers } from "./Seeding/Http.ts"
import { SettingsHandlers } from "./Settings/Http.ts"
import { RequestsHandlers, ViewersHandlers } from "./Viewers/Http.ts"
import { HealthHandlers, SystemHandlers } from "./System/Http.ts"

export const Handlers = Layer.mergeAll(
  HealthHandlers,
  SetupHandlers,
  SystemHandlers,
  AccessHandlers,
  SettingsHandlers,
  BackupsHandlers,
  IntegrationsHandlers,
  LibraryHandlers,
  ViewersHandlers,
  RequestsHandlers,
  CapacityHandlers,
  RulesHandlers,
  ScoringHandlers,
  RemovalsHandlers,
  DownloadsHandlers,
  NameListsHandlers,
  SeedingHandlers,
  OrphansHandlers,
  ActsHandlers,
  JobsHandlers,
  EventsHandlers,
  DialectsHandlers,
  MovingInHandlers
)
