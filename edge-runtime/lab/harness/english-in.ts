/** Commands that a remedy tells to type. */
const commands =
  /npm (?:run|start)[^，。；）]*|(?:apt-get|systemctl|timedatectl|usermod|git checkout|sudo fuser)[^，。；）]*|"?gatehouse [a-z -]+"?/g;

/**
 * Lines of a Chinese text that have three English words in a row: names, codes, paths, units and commands are
 * none.
 */
export function englishIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) =>
      /(?<![\w/.-])[A-Za-z][a-z']+ [a-z']{2,} [a-z']{2,}/.test(line.replaceAll(commands, '')),
    );
}
