/** What the bootstrap tells a person, on stderr: a verb's stdout may be read by a program. */
export function say(message) {
  process.stderr.write(`gatehouse: ${message}\n`);
}

/**
 * Ends the command with one line: what is wrong, and what to do about it.
 * @returns {never}
 */
export function fail(message) {
  say(message);
  process.exit(1);
}

/**
 * What a program wrote about a disk that is full or may not be written, as one line with the remedy; `undefined` if that was not it.
 * @param {string} text
 * @param {string} where the folder that was written to
 */
export function diskProblem(text, where) {
  if (/ENOSPC|No space left|EDQUOT|Disk quota/i.test(text))
    return `the disk that holds ${where} is full. Free some space (a whole install takes about 1.2 GB), then run the command again.`;
  const refused = /\b(EACCES|EPERM|EROFS)\b|Permission denied|Read-only file system/i.exec(text);
  if (!refused) return undefined;
  const named = /^npm (?:error|ERR!) (?:path|dest) (.+)$/m.exec(text)?.[1];
  return `${named ?? where} cannot be written by this user (${refused[0]}). Run the command as the owner of ${where}, or change its owner.`;
}
