/** Errors of stored rules. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export class RuleNotFound extends Problem<RuleNotFound>()(
  "RuleNotFound",
  { code: "rule-not-found", status: 404, title: "There is no such rule" },
  { ruleId: Schema.String }
) {}

export class RuleNameTaken extends Problem<RuleNameTaken>()(
  "RuleNameTaken",
  { code: "rule-name-taken", status: 409, title: "Another rule has that name" },
  { name: Schema.String }
) {}

/**
 * A stored rule that this version cannot read. Nothing is planned while there is one, because it might have kept
 * something.
 */
export class RulesUnreadable extends Problem<RulesUnreadable>()(
  "RulesUnreadable",
  { code: "rules-unreadable", status: 500, title: "A stored rule cannot be read" },
  { detail: Schema.String }
) {}

/** The rule weighs or keeps, and does nothing by itself that could be run. */
export class RuleDoesNotAct extends Problem<RuleDoesNotAct>()(
  "RuleDoesNotAct",
  { code: "rule-does-not-act", status: 409, title: "The rule does not act by itself" },
  { ruleId: Schema.String }
) {}
