/** Tells a person something on stderr: a verb's stdout may be read by a program. */
export function say(message) {
  process.stderr.write(`gatehouse: ${message}\n`);
}

/**
 * Ends the command with one line: the fault and its remedy.
 * @returns {never}
 */
export function fail(message) {
  say(message);
  process.exit(1);
}

/**
 * Turns a program's text about a full disk or a refused write into one line with the remedy. Returns
 * `undefined` if the text is about something else.
 * @param {string} text
 * @param {string} where the folder that was written to
 */
export function diskProblem(text, where) {
  if (/ENOSPC|No space left|EDQUOT|Disk quota/i.test(text))
    return (
      `the disk that holds ${where} is full. Free some space (a whole install takes about 1.2 GB), ` +
      'then run the command again.'
    );
  const refused = /\b(EACCES|EPERM|EROFS)\b|Permission denied|Read-only file system/i.exec(text);
  if (!refused) return undefined;
  const named = /^npm (?:error|ERR!) (?:path|dest) (.+)$/m.exec(text)?.[1];
  return (
    `${named ?? where} cannot be written by this user (${refused[0]}). ` +
    `Run the command as the owner of ${where}, or change its owner.`
  );
}
