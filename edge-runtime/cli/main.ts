import { writeSync } from 'node:fs';
import { describeError, lineInWords, systemClock } from '@gatehouse/kit';
import { shellLanguage, takeLanguage } from './language.ts';
import { run } from './run.ts';

/** A reader that went away (`| head`) ends the program quietly, as with any Unix tool. */
function writeLine(text: string): void {
  try {
    writeSync(1, `${text}\n`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') process.exit(0);
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') writeLine(text);
    else throw error;
  }
}

let language = shellLanguage();

/**
 * Written at once, and then the program ends. A verb may have given up on something, such as a connection to
 * a silent server; that may not hold the program open.
 */
try {
  const note = (text: string) => void process.stderr.write(`${text}\n`);
  const taken = takeLanguage(process.argv.slice(2));
  language = taken.language;
  process.exit(await run(taken.args, { language, line: writeLine, note }, systemClock));
} catch (error) {
  process.stderr.write(`gatehouse: ${lineInWords(describeError(error), language)}\n`);
  process.exit(1);
}
