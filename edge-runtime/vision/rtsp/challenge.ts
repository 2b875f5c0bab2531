/** One login scheme that a camera offers in a `WWW-Authenticate` header (RFC 7235 section 4.1). */
export interface Challenge {
  /** In lower case: `digest`, `basic` or another one. */
  readonly scheme: string;
  /** By name in lower case. Values between quotes are kept as they stand there, escapes included. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Cameras offer two or three. */
const mostChallenges = 8;

const space = /[\s,]*/y;
const token = /[!#$%&'*+.^_`|~\w-]+/y;
const equals = /\s*=\s*/y;
const quoted = /"((?:[^"\\]|\\.)*)"/y;
const bare = /[^\s,"]+/y;

/**
 * All challenges of all headers, in order. The rest of a header that cannot be read is ignored. Never throws.
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap(challengesOf).slice(0, mostChallenges);
}

function challengesOf(text: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  while (take(space) && at < text.length) {
    const name = take(token)?.[0].toLowerCase();
    if (name === undefined) break;
    if (!take(equals)) {
      found.push({ scheme: name, parameters: new Map() });
      continue;
    }
    const value = take(quoted)?.[1] ?? take(bare)?.[0];
    const last = found.at(-1);
    if (value === undefined || !last) break;
    if (!last.parameters.has(name)) last.parameters.set(name, value);
  }
  return found;
}
