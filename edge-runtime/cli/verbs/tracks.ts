import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runtimeForCli } from '@gatehouse/contracts';
import { apiClient } from '@gatehouse/local-api';
import { readArgs, required, type Verb } from '../verb.ts';
import { sinceInstant } from './reads.ts';

/** The stored tracks of a camera, for `replay --tracks`. */
export function tracks(nowMs: () => number): Verb {
  return {
    usage: 'tracks --camera ID [--since T]',
    summary: {
      zh: '主机保存的轨迹（24 小时），每行一个 TrackFrame，供“replay --tracks”让规则走一遍',
      en: 'the tracks that the box has stored (24 h), one TrackFrame a line: what "replay --tracks" runs the rules over',
    },
    async run(args, output) {
      const { values } = readArgs('tracks', args, { camera: 'string', since: 'string' });
      const camera = required(values.camera, 'tracks', 'camera');
      const fromMs = values.since === undefined ? 0 : Date.parse(sinceInstant(values.since, nowMs()));
      const response = await apiClient(runtimeForCli).open('tracks', { query: { camera, fromMs } });
      const lines = createInterface({ input: response });
      lines.on('line', (line) => output.line(line));
      await once(lines, 'close');
      return 0;
    },
  };
}
