import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadSite } from '@gatehouse/contracts';
import { ClockSync, silentLog, stateDir, systemClock } from '@gatehouse/kit';
import { CurrentSite } from '../../edge-runtime/runtime/site/current-site.ts';

/**
 * Runs as the runtime service does, within its unit's sandbox: saves zones as the console would, and tries to
 * write where it may not, and reads how the clock is kept. Prints one JSON line of what came of each; `ok`,
 * or the system's code.
 */
const file = process.env.GATEHOUSE_SITE ?? '';
/** The site's own device profiles. */
const profiles = join(dirname(file), 'profiles');

function outcome(act: () => void): string {
  try {
    act();
    return 'ok';
  } catch (error) {
    const { code } = error as { code?: string };
    return code ?? String(error);
  }
}

function save(): void {
  const site = loadSite(file);
  const book = new CurrentSite({
    ...{ file, site, apply: () => undefined, clock: systemClock, log: silentLog },
    history: join(stateDir(), 'site-history'),
  });
  const camera = site.cameras.find(({ zones }) => zones.length > 0);
  const zone = camera?.zones[0];
  if (!camera || !zone) throw new Error('the site file has no zone to edit');
  const moved = { ...zone, polygon: zone.polygon.map(([x, y]) => [x / 2, y] as [number, number]) };
  book.saveZones(camera.id, [moved], book.version(), 'probe');
}

const result = {
  save: outcome(save),
  again: outcome(save),
  ownedByRuntime: statSync(file).uid === process.getuid?.(),
  commentKept: readFileSync(file, 'utf8').includes('# '),
  clock: new ClockSync({ clock: systemClock, log: silentLog }).state().state,
  profilesMoved: outcome(() => renameSync(profiles, `${profiles}-other`)),
  elsewhere: Object.fromEntries(
    [
      '/etc/gatehouse/other.yaml',
      `${profiles}/site-board.json`,
      '/etc/gatehouse/secrets/camera',
      '/opt/gatehouse/main.ts',
      '/var/lib/gatehouse/drivers.db',
      '/etc/passwd',
    ].map((path) => [path, outcome(() => writeFileSync(path, 'x'))]),
  ),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
