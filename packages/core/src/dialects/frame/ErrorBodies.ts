/** The bodies of errors in the products' APIs. Each has the reason as one text, and where there are some, the invalid fields. */
import type { Refusal } from "../../api/Refusal.ts"

/** The title of the problem, with what is wrong with this particular request. */
export const reasonOf = ({ detail, title }: Refusal): string => (detail === null ? title : `${title}: ${detail}`)

/** `{ "error": "…" }` */
export const errorBody = (refusal: Refusal): object => ({ error: reasonOf(refusal), ...detailsOf(refusal) })

/** `{ "success": false, "error": "…" }` */
export const failureBody = (refusal: Refusal): object => ({ success: false, ...errorBody(refusal) })

/** Every invalid value, as validators of the products list them. */
const detailsOf = ({ code, issues }: Refusal): object =>
  issues.length === 0 ? {} : { details: issues.map(({ message, path }) => ({ code, path, message })) }

/** A problem (RFC 9457) with the messages of each invalid field, as validators of ASP.NET list them. */
export const problemBody = ({ code, detail, issues, status, title }: Refusal): object => ({
  type: `urn:tendarr:problem:${code}`,
  title,
  status,
  detail,
  ...(issues.length === 0 ? {} : { errors: messagesByField(issues) })
})

/** The first part of a path is where the field is: in the query, or in the body. */
const messagesByField = (issues: Refusal["issues"]): Readonly<Record<string, ReadonlyArray<string>>> => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (const { message, path } of issues) {
    const field = path.slice(1).join(".")
    found.set(field, [...(found.get(field) ?? []), message])
  }
  return Object.fromEntries(found)
}
