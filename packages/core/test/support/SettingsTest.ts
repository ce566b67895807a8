/** Settings with the built-in groups. */
import { Layer } from "effect"
import { Settings } from "../../src/settings/Settings.ts"
import { BuiltInSettings } from "../../src/system/BuiltInSettings.ts"

export const SettingsTest = Settings.layer.pipe(Layer.provide(BuiltInSettings))
