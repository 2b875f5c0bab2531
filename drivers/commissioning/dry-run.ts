import { actionsOf, type Device, type DeviceAction, maxHoldSeconds, type Site } from '@gatehouse/contracts';
import { errorOf, nothingCalled, thereAre } from '@gatehouse/kit';
import { type BusRequest, describeRequest } from '../bus/request.ts';
import { encodeRequest } from '../bus/rtu-frame.ts';
import { channelOf, looksFirst } from '../devices/safety.ts';
import { type Catalogue, type Profile, readCatalogue } from '../profiles/index.ts';
import { pulseRelay, readInputs, readRelays, releaseRelay } from '../profiles/requests.ts';

/** Purposes of frames, in the order in which the box sends them. */
export type FramePurpose = 'look-before' | 'write' | 'read-back' | 'feedback' | 'let-go';

export interface DryFrame {
  readonly purpose: FramePurpose;
  /** The request in words. */
  readonly what: string;
  /**
   * Serial framing with CRC, as hex pairs; Modbus TCP sends the same unit, function and data behind its own
   * header.
   */
  readonly bytes: string;
}

/**
 * Frames that a command would put on the bus, in their order; sends nothing. Throws `DEVICE_UNKNOWN`,
 * `ACTION_UNKNOWN`, `PROFILE_UNKNOWN`, or what is wrong with the profile.
 * @param holdS seconds of a `hold-open`; the longest that the site allows if absent
 */
export function dryRun(
  site: Site,
  id: string,
  action: DeviceAction,
  holdS?: number,
  catalogue: Catalogue = readCatalogue(),
): DryFrame[] {
  const device = site.devices.find((one) => one.id === id);
  if (!device)
    throw nothingCalled(
      'DEVICE_UNKNOWN',
      id,
      site.devices.map((one) => one.id),
    );
  const channel = channelOf(device, action);
  if (!actionsOf(device).includes(action) || channel === undefined)
    throw errorOf('ACTION_UNKNOWN', { device: id, action, known: thereAre(action, actionsOf(device)) });
  const { boards, broken } = catalogue;
  const { profile: name } = device;
  const profile = boards.get(name);
  if (!profile) throw broken.get(name) ?? nothingCalled('PROFILE_UNKNOWN', name, [...boards.keys()]);
  return framesOf(device, profile, action, channel, holdS).map(([purpose, request]) => ({
    purpose,
    what: describeRequest(request),
    bytes: (encodeRequest(request).toString('hex').match(/../g) ?? []).join(' '),
  }));
}

function framesOf(
  device: Device,
  profile: Profile,
  action: DeviceAction,
  channel: number,
  holdS: number | undefined,
): (readonly [FramePurpose, BusRequest])[] {
  const { unit, pulseMs, hold, inputs } = device;
  const looks = Object.keys(inputs).length > 0;
  const holdMs = (holdS ?? hold?.maxS ?? maxHoldSeconds) * 1000;
  const write =
    action === 'release'
      ? releaseRelay(profile, unit, channel)
      : pulseRelay(profile, unit, channel, action === 'hold-open' ? holdMs : pulseMs);
  return [
    ...(looksFirst(device, action) ? ([['look-before', readInputs(profile, unit)]] as const) : []),
    ['write', write],
    ['read-back', readRelays(profile, unit)],
    ...(looks ? ([['feedback', readInputs(profile, unit)]] as const) : []),
    ...(profile.pulse.by === 'box' && action !== 'release'
      ? ([['let-go', releaseRelay(profile, unit, channel)]] as const)
      : []),
  ];
}
