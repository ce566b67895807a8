/**
 * Whether plays are counted per episode too. A sync asks for it if some integration has episodes as items: an index of all
 * played episodes would otherwise serve nobody.
 */
import { Context } from "effect"

export const EpisodePlays = Context.Reference<boolean>("tendarr/integrations/EpisodePlays", {
  defaultValue: () => false
})
