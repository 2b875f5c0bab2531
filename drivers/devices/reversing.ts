import type { Device, DeviceAction } from '@gatehouse/contracts';

/** Orders that send a machine somewhere. */
const directions = ['open', 'close'] as const;

/**
 * The relays that must be read as off before the relay of an action closes: a machine hears one order at a
 * time. Two directions at once are whatever its controller makes of them, and many hear nothing while their
 * stop contact is closed. A stop waits for no relay.
 */
export function inTheWay(
  { outputs }: Pick<Device, 'outputs'>,
  action: DeviceAction,
  mayBeOn: (channel: number) => boolean,
): readonly number[] {
  const order = action === 'hold-open' ? 'open' : action;
  if (!directions.some((direction) => direction === order)) return [];
  return Object.entries(outputs).flatMap(([name, channel]) =>
    name !== order && channel !== undefined && mayBeOn(channel) ? [channel] : [],
  );
}
