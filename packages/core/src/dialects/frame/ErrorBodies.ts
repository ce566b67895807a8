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
