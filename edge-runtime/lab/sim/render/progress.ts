import { type Clock, systemClock } from '@gatehouse/kit';

/** Shows the progress of a job: a bar on a terminal, a line every tenth elsewhere. */
export interface Progress {
  at(done: number, of: number): void;
}

/** Writes to stderr, under a title. */
export function progressBar(
  title: string,
  clock: Clock = systemClock,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const startMs = clock.monotonicMs();
  let lastTenth = -1;
  return {
    at(done, of) {
      const share = of === 0 ? 1 : done / of;
      const spentS = (clock.monotonicMs() - startMs) / 1000;
      const leftS = share > 0 ? Math.round(spentS / share - spentS) : 0;
      if (stream.isTTY) {
        const width = 30;
        const bar = '#'.repeat(Math.round(share * width)).padEnd(width, '.');
        stream.write(`\r${title} [${bar}] ${done}/${of}, ${leftS} s left   ${done === of ? '\n' : ''}`);
        return;
      }
      const tenth = Math.floor(share * 10);
      if (tenth === lastTenth) return;
      lastTenth = tenth;
      stream.write(`${title}: ${done}/${of}, ${leftS} s left\n`);
    },
  };
}
