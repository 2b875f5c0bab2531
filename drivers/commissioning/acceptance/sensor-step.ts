import type { LocalName, Sensor, SensorState, SensorValue } from '@gatehouse/contracts';
import { sleep } from '@gatehouse/kit';
import type { AcceptanceOptions, Found } from './found.ts';

const lookEveryMs = 200;
/** After its poll period a sensor may need its turn on a full bus, and the host its next look. */
const slackMs = 6_000;

/**
 * A sensor was read by the box, its host knows the same, and it is not in alarm. What it said stands on the
 * sheet, for the installer to hold against a thermometer.
 */
export async function sensorRead(
  { id, pollS }: Sensor,
  { peer, clock }: Pick<AcceptanceOptions, 'peer' | 'clock'>,
): Promise<Found> {
  const endMs = clock.monotonicMs() + pollS * 1000 + slackMs;
  const stateIn = async (side: typeof peer.drivers) => (await side.sensors()).find((one) => one.id === id);
  const known = (state: SensorState | undefined) => state?.comms === 'ok';
  for (;;) {
    const [own, host] = [await stateIn(peer.drivers), await stateIn(peer.host)];
    if (own && known(own) && known(host)) return found(own.values);
    if (clock.monotonicMs() >= endMs) return { reason: known(own) ? 'HOST_NOT_TOLD' : 'SENSOR_NOT_READ' };
    await sleep(clock, lookEveryMs);
  }
}

function found(values: readonly SensorValue[]): Found {
  const read = { 'zh-CN': said(values, 'zh-CN'), en: said(values, 'en') };
  if (values.some(({ state }) => state === 'broken')) return { read, reason: 'SENSOR_BROKEN' };
  return values.some(({ state }) => state === 'alarm') ? { read, reason: 'SENSOR_ALARM' } : { read };
}

function said(values: readonly SensorValue[], language: keyof LocalName): string {
  return values
    .map(({ name, value, unit, meaning }) =>
      `${name[language]} ${meaning?.name[language] ?? value ?? '?'} ${unit}`.trim(),
    )
    .join(language === 'en' ? ', ' : '，');
}
