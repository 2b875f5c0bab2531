import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../../console/web/build.ts';
import { strangers, strays } from './allowed.ts';
import { enclosedBox, ownDirectories } from './box.ts';
import { reasonToSkip } from './enclosure.ts';

/**
 * `main.ts [--minutes 10] [--user 1000] [--telemetry-on]`: runs `npm start` as this user for so long in an
 * enclosure. Prints, one JSON object a line, the peers that it asked or sent to and the paths that it wrote
 * outside its own directories; last, the box's acts. Exit code 1 if there was any such peer or path.
 * `--telemetry-on` takes away the setting that turns ONNX Runtime's telemetry off: then there must be some.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    user: { type: 'string', default: '1000' },
    'telemetry-on': { type: 'boolean', default: false },
  },
});
const reason = reasonToSkip();
if (reason) {
  process.stderr.write(`the box cannot be enclosed here: ${reason}.\n`);
  process.exit(1);
}
await ensureBuilt();
const { driven, announced, sent, written } = await enclosedBox({
  what: 'demo',
  seconds: Number(values.minutes) * 60,
  user: Number(values.user),
  telemetryOn: values['telemetry-on'],
});
const allowed = { peers: announced, directories: ownDirectories };
const found = [...strangers(sent, allowed), ...strays(written, allowed)];
for (const one of found) process.stdout.write(`${JSON.stringify(one)}\n`);
const summary = { found: found.length, announced, sent: sent.length, written: written.length, ...driven };
process.stdout.write(`${JSON.stringify(summary)}\n`);
process.exitCode = found.length > 0 ? 1 : 0;
