/**
 * What the messages of an arr about an import mean, and whose fault they describe. The texts are those of Radarr, Sonarr,
 * Lidarr, Readarr and Whisparr; what is not in the table is nobody's yet.
 */
import type { FaultOwner } from "./Fault.ts"

interface Meaning {
  readonly owner: FaultOwner
  readonly says: RegExp
  /** For people, as part of a sentence. */
  readonly because: string
}

/** Messages quote titles and names of files, in which any of these words may be. */
const meanings: ReadonlyArray<Meaning> = [
  {
    owner: "environment",
    says: /path does not exist|not a valid (local )?path|is not accessible|access (to the path )?.*denied|permission|unauthori[sz]edaccess|read-only|remote path mapping/i,
    because: "the application cannot reach the files: the path or its mapping is wrong, or access is denied"
  },
  {
    owner: "environment",
    says: /not enough (free )?(disk )?space|disk (is )?full|no space left/i,
    because: "there is no space for the import"
  },
  {
    owner: "environment",
    says: /no files (found )?(are )?eligible|folder .*is empty|doesn't contain .*files? eligible/i,
    because: "the application sees no files: the path may be mapped wrongly, or they are not there yet"
  },
  {
    owner: "wait",
    says: /still being unpacked|is locked|being used by another process|waiting (for|to)|in progress|importing/i,
    because: "it is still being unpacked or imported"
  },
  {
    owner: "wait",
    says: /TBA title|recently aired|absolute (episode )?number|has not (yet )?aired|metadata .*not (yet )?available/i,
    because: "the application lacks data about the title that will come"
  },
  {
    owner: "release",
    says: /executable|dangerous|potentially|\.(exe|lnk|scr|bat|cmd|vbs|ps1|msi|zipx)\b|malicious|virus/i,
    because: "it contains files that do not belong to it"
  },
  {
    owner: "release",
    says: /corrupt|password|encrypted|unsupported (file )?extension|no (video|audio) (files?|tracks?)|invalid video|unpack(ing)? failed|par2? .*fail|repair failed|failed to download|missing articles|download (has )?failed/i,
    because: "its files are broken, or not what they claim to be"
  },
  {
    owner: "person",
    says: /sample|unable to determine|runtime/i,
    because: "the application takes it for a sample or cannot tell: somebody has to look"
  },
  {
    owner: "person",
    says: /matched (to .*)?by id|title mismatch|does not match|unexpected|manual import|not close enough|missing tracks|unmatched|couldn't find similar|was not found in the grabbed|unknown (series|movie|artist|author|album|book)|invalid .*\bor\b|multiple/i,
    because: "the application is not sure what it is: somebody has to import it by hand"
  },
  {
    owner: "person",
    says: /archive file|might need to be extracted/i,
    because: "it is an archive that nothing has unpacked"
  },
  {
    owner: "nobody",
    says: /not (a|an) (custom format |quality )?upgrade|already (been )?imported|existing file|already exists|has the same (file)?size|lower quality|not wanted/i,
    because: "the library has as good a file already"
  }
]

/** What an arr says of an import, in the order of the severity for a decision. */
export interface ImportVerdict {
  readonly owner: FaultOwner
  readonly because: string
}

/** The order in which owners prevail if several messages, or several words of one, disagree: what forbids a conclusion comes first. */
const prevails: ReadonlyArray<FaultOwner> = ["environment", "wait", "person", "nobody", "release"]

/** Whose fault the messages describe; `null` = there are none. One that is not understood makes it nobody's. */
export const meaningOf = (messages: ReadonlyArray<string>): ImportVerdict | null => {
  const found = messages.flatMap((message): ReadonlyArray<ImportVerdict> => {
    const fitting = meanings.filter(({ says }) => says.test(message))
    return fitting.length > 0 ? fitting : [{ owner: "nobody", because: `the application says: ${message}` }]
  })
  for (const owner of prevails) {
    const verdict = found.find((one) => one.owner === owner)
    if (verdict !== undefined) return { owner: verdict.owner, because: verdict.because }
  }
  return null
}
