/**
 * Constraints on usernames and passwords. Existing passwords are not checked against them, so that they can be
 * tightened later.
 */
import { Schema } from "effect"

export const Username = Schema.String.check(
  Schema.isMinLength(3, { message: "must have at least 3 characters" }),
  Schema.isMaxLength(64, { message: "must have at most 64 characters" }),
  Schema.isPattern(/^[A-Za-z0-9._@-]*$/, { message: "may contain only letters, digits and . _ @ -" })
).annotate({ description: "3 to 64 letters, digits and . _ @ -; upper and lower case are the same" })

export const NewPassword = Schema.String.check(
  Schema.isMinCodePoints(8, { message: "must have at least 8 characters" }),
  Schema.isMaxCodePoints(1024, { message: "must have at most 1024 characters" })
).annotate({ description: "8 to 1024 characters", format: "password" })

export const NewAccount = Schema.Struct({ username: Username, password: NewPassword }).annotate({
  identifier: "NewAccount"
})
export type NewAccount = typeof NewAccount.Type

export const PasswordChange = Schema.Struct({
  currentPassword: Schema.String.annotate({ format: "password" }),
  newPassword: NewPassword
}).annotate({ identifier: "PasswordChange" })
export type PasswordChange = typeof PasswordChange.Type

/** Longer than any allowed password: refused without deriving a hash. */
export const isOverlong = (password: string): boolean => password.length > 4096
