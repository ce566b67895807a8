/**
 * Devices from which an account has signed in before. Unknown devices may use up the attempts for a username, from any
 * number of addresses; known devices have attempts of their own. A browser is recognised by a cookie that outlives its
 * sessions, even if all visitors share the address of one proxy; other clients are recognised by their address.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../storage/Database.ts"
import { hashToken, maximumTokenLength, randomToken } from "./Token.ts"

export interface Device {
  /** Token from its cookie; `null` = it sent none. */
  readonly token: string | null
  /** As returned by `addressKey`. */
  readonly address: string
}

export class KnownDevices extends Context.Service<
  KnownDevices,
  {
    /** How the account knows the device, if it does. */
    readonly recognise: (accountId: number, device: Device) => Effect.Effect<"device" | "address" | "stranger">
    /**
     * Called after a sign-in, in its transaction. Returns the token that the device must keep from now on; `null` = it
     * has one.
     */
    readonly remember: (accountId: number, device: Device) => Effect.Effect<string | null>
  }
>()("tendarr/access/KnownDevices") {
  static readonly layer = Layer.effect(
    KnownDevices,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const readSql = yield* ReadSql

      const recognise = Effect.fn("KnownDevices.recognise")(function* (accountId: number, device: Device) {
        const hash = hashOf(device)
        const rows = yield* readSql<{ tokenHash: string | null }>`SELECT token_hash AS "tokenHash" FROM known_devices
          WHERE account_id = ${accountId} AND (token_hash = ${hash} OR address = ${device.address})`.pipe(Effect.orDie)
        if (hash !== null && rows.some(({ tokenHash }) => tokenHash === hash)) return "device"
        return rows.length > 0 ? "address" : "stranger"
      })

      const remember = Effect.fn("KnownDevices.remember")(function* (accountId: number, device: Device) {
        const now = yield* DateTime.now
        const at = DateTime.formatIso(now)
        const known =
          yield* sql`UPDATE known_devices SET address = ${device.address}, returned = 1, last_seen_at = ${at}
          WHERE account_id = ${accountId} AND token_hash = ${hashOf(device)} RETURNING id`
        if (known.length > 0) return null
        // A program that keeps no cookies has a single entry for its address, however often it signs in.
        yield* sql`DELETE FROM known_devices
          WHERE account_id = ${accountId} AND address = ${device.address} AND returned = 0`
        const token = yield* randomToken
        yield* sql`INSERT INTO known_devices (account_id, token_hash, address, last_seen_at)
          VALUES (${accountId}, ${hashToken(token)}, ${device.address}, ${at})`
        yield* sql`DELETE FROM known_devices WHERE account_id = ${accountId} AND (
          last_seen_at < ${DateTime.formatIso(DateTime.subtract(now, { days: deviceDays }))}
          OR id NOT IN (SELECT id FROM known_devices WHERE account_id = ${accountId}
            ORDER BY last_seen_at DESC, id DESC LIMIT ${maximumDevices}))`
        return token
      }, Effect.orDie)

      return KnownDevices.of({ recognise, remember })
    })
  )
}

/** How long a device is remembered if it does not return: browsers keep cookies no longer than that. */
export const deviceDays = 400

/** Per account; the most recently seen devices are kept. */
export const maximumDevices = 100

const hashOf = ({ token }: Device): string | null =>
  token === null || token.length > maximumTokenLength ? null : hashToken(token)
