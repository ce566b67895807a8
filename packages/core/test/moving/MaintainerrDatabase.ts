/** Builds a database of Maintainerr by the part of its schema that is read, with the rows of a test. */
import { databaseOf, type Row } from "./PrunerrDatabase.ts"

export interface MaintainerrContent {
  readonly rule_group?: ReadonlyArray<Row>
  readonly rules?: ReadonlyArray<Row>
  readonly collection?: ReadonlyArray<Row>
  readonly collection_media?: ReadonlyArray<Row>
  readonly collection_log?: ReadonlyArray<Row>
  readonly exclusion?: ReadonlyArray<Row>
  readonly settings?: ReadonlyArray<Row>
}

const schema = `
  CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL);
  CREATE TABLE "rule_group" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL, "description" varchar,
    "libraryId" varchar NOT NULL, "isActive" boolean NOT NULL DEFAULT (1), "collectionId" integer,
    "useRules" boolean NOT NULL DEFAULT (1), "dataType" varchar, "ruleHandlerCronSchedule" varchar
  );
  CREATE TABLE "rules" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "ruleJson" varchar NOT NULL, "ruleGroupId" integer NOT NULL,
    "section" integer NOT NULL DEFAULT (0), "isActive" boolean NOT NULL DEFAULT (1)
  );
  CREATE TABLE "collection" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "mediaServerId" varchar, "mediaServerType" varchar DEFAULT ('plex'),
    "libraryId" varchar NOT NULL, "title" varchar NOT NULL, "isActive" boolean NOT NULL DEFAULT (1),
    "arrAction" integer NOT NULL DEFAULT (0), "deleteAfterDays" integer, "manualCollection" boolean NOT NULL DEFAULT (0),
    "listExclusions" boolean NOT NULL DEFAULT (0), "forceSeerr" boolean NOT NULL DEFAULT (0),
    "type" varchar NOT NULL DEFAULT ('movie')
  );
  CREATE TABLE "collection_media" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "collectionId" integer NOT NULL, "mediaServerId" varchar NOT NULL,
    "tmdbId" integer, "tvdbId" integer, "addDate" datetime NOT NULL, "isManual" boolean DEFAULT (0)
  );
  CREATE TABLE "collection_log" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "collectionId" integer NOT NULL, "timestamp" datetime NOT NULL,
    "message" varchar NOT NULL, "type" integer NOT NULL, "meta" text
  );
  CREATE TABLE "exclusion" (
    "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "mediaServerId" varchar NOT NULL, "ruleGroupId" integer,
    "parent" varchar, "type" varchar
  );
  CREATE TABLE "settings" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "plex_hostname" varchar, "plex_auth_token" varchar);
`

export const maintainerrDatabase = (content: MaintainerrContent, { migration = 1_786_912_383_502 } = {}): Uint8Array =>
  databaseOf(`${schema} INSERT INTO migrations ("timestamp", "name") VALUES (${migration}, 'last');`, { ...content })

/** A condition as `rules.ruleJson` holds it. */
export const condition = (
  firstVal: readonly [application: number, property: number],
  action: number,
  more: object = {}
): string => JSON.stringify({ operator: null, firstVal, action, section: 0, ...more })

export const value = (ruleTypeId: number, text: string) => ({ customVal: { ruleTypeId, value: text } })
