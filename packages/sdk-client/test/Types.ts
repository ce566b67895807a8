/** What the types accept and refuse; only the compiler reads this file. */
import { isEvent, isTendarrError, type TendarrClient } from "../src/TendarrClient.ts"

const isText = (_text: string) => undefined
const isUnknown = (_value: unknown) => undefined
const isNumber = (_number: number) => undefined

export const lists = async (tendarr: TendarrClient) => {
  for await (const item of tendarr.all(tendarr.library.items, { query: { sort: "size" } })) isNumber(item.sizeBytes)
  for await (const { items } of tendarr.pages(tendarr.removals.list)) isText(items[0]?.because ?? "")
  for await (const event of tendarr.all(tendarr.events.list)) isText(event.message)
  for await (const item of tendarr.all(tendarr.capacity.preview)) isText(item.itemId)
  // @ts-expect-error There is no such order.
  tendarr.all(tendarr.library.items, { query: { sort: "weight" } })
  // @ts-expect-error The loop keeps the cursor.
  tendarr.all(tendarr.library.items, { query: { cursor: "abc" } })
  // @ts-expect-error Not a list.
  tendarr.all(tendarr.health.live)
  // @ts-expect-error A list without pages.
  tendarr.all(tendarr.integrations.list)
  // @ts-expect-error Paged by its body.
  tendarr.all(tendarr.rules.preview)
}

export const events = async (tendarr: TendarrClient) => {
  for await (const event of tendarr.follow({ types: ["removal.removed", "job-run.failed", "mine.own"] })) {
    // @ts-expect-error Not before the type of the event is known.
    isText(event.payload.itemId)
    if (event.type === "removal.removed") isText(event.payload.itemId)
    else if (event.type === "job-run.failed") isText(event.payload.job)
    else if (isEvent(event, "mine.own")) isUnknown(event.payload["colour"])
    // @ts-expect-error This type was not requested.
    else if (event.type === "settings.changed") return
  }
  for await (const event of tendarr.follow()) {
    if (isEvent(event, "settings.changed")) isText(event.payload.group)
    else if (event.type === "removal.removed") {
      isText(event.payload.itemId)
      isNumber(event.payload.sizeBytes)
      // @ts-expect-error There is no such field.
      isText(event.payload.colour)
    } else if (event.type === "removal.approved" || event.type === "removal.snoozed") isText(event.payload.because)
    else if (isEvent(event, "mine.own")) isUnknown(event.payload["colour"])
    else if (isEvent(event, "mine.other")) isUnknown(event.payload["colour"])
    // @ts-expect-error Not every type has this field.
    else isText(event.payload.itemId)
    isText(event.type)
  }
  for await (const event of tendarr.all(tendarr.events.list)) {
    if (isEvent(event, "integration.created", "mine.own")) isUnknown(event.payload["kind"])
    else if (isEvent(event, "integration.replaced")) isText(event.payload.before)
  }
  // @ts-expect-error There is no such category.
  tendarr.follow({ categories: ["weather"] })
}

export const errors = (error: unknown) => {
  if (isTendarrError(error, "item-not-found")) isText(error.problem.itemId)
  if (isTendarrError(error, "network")) isNumber(error.status)
  if (isTendarrError(error)) isText(error.problem?.code ?? error.code)
  // @ts-expect-error There is no such code.
  isTendarrError(error, "item-not-fond")
}
