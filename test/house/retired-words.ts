/**
 * Words that the project no longer uses, room by room. A room is added to {@link CLEAN_ROOMS} once it is free of them. The rule checks the
 * path of a file and its whole text: code, comments and strings.
 */
/** The standard term for each retired word, which is in lower case. */
type Terms = Readonly<Record<string, string>>;

/** Files that share a vocabulary. */
interface CleanRoom {
  /** The starts of their paths. */
  readonly paths: readonly string[];
  /** Starts of paths that another room's renaming still has to clean. */
  readonly except?: readonly string[];
  readonly terms: Terms;
}

/** Retired in every room: private words for standard things. */
const EVERYWHERE: Terms = {
  courier: "callback sender",
  entomb: "redact",
  errand: "delivery",
  misfit: "invalid field",
  parted: "separated",
  puzzle: "mismatch",
  rehearse: "run",
  teller: "history text",
  tombstone: "redacted record",
};

/** Pairs of words in one identifier: `giveBack`. Written as their parts with a space. */
const PAIRS: Terms = {
  "asked to end": "shutdown signal",
  "give back": "refundAll",
  "go away": "outage",
  "in peace": "runSafely",
  "standing of": "totals",
};

/** The rooms that are clean. Add a room with the words that it retired itself. */
export const CLEAN_ROOMS: readonly CleanRoom[] = [
  {
    paths: ["src/", "test/src/", "test/simulator/", "test/samples/", "test/everywhere/"],
    terms: { ...EVERYWHERE, cue: "instruction", stage: "scenario", strike: "fault rule", journal: "log" },
  },
  {
    paths: ["command/", "test/command/"],
    // Not "journal", which is SQLite's word for a file of its own.
    terms: { ...EVERYWHERE, trial: "live test" },
  },
  {
    paths: ["demo/", "test/demo/"],
    // It imports a file of the element's tests with the old name.
    except: ["test/demo/element-place.test.ts"],
    terms: { ...EVERYWHERE, journal: "exchange log", stage: "demo" },
  },
  {
    paths: ["scripts/", "vite.config.ts"],
    except: ["scripts/element"],
    terms: { ...EVERYWHERE, journal: "output", patience: "time-out" },
  },
  {
    paths: ["test/process/", "test/bench/"],
    terms: { ...EVERYWHERE, cable: "TCP proxy", crowd: "load", stand: "test server", trial: "live test" },
  },
  {
    paths: ["edge/", "test/edge/"],
    terms: {
      ...EVERYWHERE,
      surroundings: "environment",
      telling: "attention due",
      vouched: "amountConfirmed",
      whoever: "a noun by its name",
    },
  },
  {
    paths: ["test/simulation/"],
    terms: { ...EVERYWHERE, askings: "requests", deed: "action", happening: "event", mood: "scenario kind", tally: "stats" },
  },
  {
    paths: ["test/docs/", "test/hostile/", "test/house/", "test/openapi/", "test/scripts/"],
    except: ["test/house/retired-words.ts", "test/house/house.test.ts"],
    terms: EVERYWHERE,
  },
];

/** A text as its words in lower case: parts of an identifier count as words. */
function wordsOf(text: string): readonly string[] {
  return text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)?.map((word) => word.toLowerCase()) ?? [];
}

/** The retired words in a text, each once, in the order of the table. Also finds plurals and past tenses. */
function retiredIn(text: string, terms: Terms): readonly string[] {
  const used = new Set(wordsOf(text));
  const words = Object.keys(terms).filter((word) => [word, `${word}s`, `${word}d`, `${word}ed`].some((form) => used.has(form)));
  const identifiers = (text.match(/\w+/g) ?? []).map((identifier) => ` ${wordsOf(identifier).join(" ")} `);
  const pairs = Object.keys(PAIRS).filter((pair) => identifiers.some((identifier) => identifier.includes(` ${pair} `)));
  return [...words.map((word) => `${word} (now: ${terms[word]})`), ...pairs.map((pair) => `${pair} (now: ${PAIRS[pair]})`)];
}

/**
 * The retired words in a file of a clean room; empty for other rooms.
 *
 * @param path - relative to the project's folder
 * @param text - the whole text of the file
 */
export function retiredWordsIn(path: string, text: string): readonly string[] {
  const room = CLEAN_ROOMS.find(
    ({ paths, except = [] }) => paths.some((start) => path.startsWith(start)) && !except.some((start) => path.startsWith(start)),
  );
  return room === undefined ? [] : retiredIn(`${path}\n${text}`, room.terms);
}
