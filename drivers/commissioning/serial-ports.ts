import type { Language } from '@gatehouse/contracts';
import { lineInWords } from '@gatehouse/kit';
import { type SerialAdapter, serialAdapters, stablePath } from '../bus/serial/adapters.ts';
import { describeHolder, type HostView, holdersOf, type PortHolder } from '../bus/serial/port-holders.ts';
import { troubleNow } from '../bus/serial/port-trouble.ts';
import { text } from './acceptance/texts.ts';

/** A serial device of this host, for whoever writes a site file. */
export interface SerialPortLine extends SerialAdapter {
  /** The path for the site file. */
  readonly path: string;
  /** Programs that use it now, as far as this user may see. */
  readonly holders: readonly PortHolder[];
}

/** All serial devices of this host. Opens none of them. */
export async function serialPorts(host: HostView = {}): Promise<SerialPortLine[]> {
  const adapters = await serialAdapters(host.root);
  return Promise.all(
    adapters.map(async (adapter) => ({
      ...adapter,
      path: stablePath(adapter),
      holders: await holdersOf(adapter.node, host),
    })),
  );
}

/** A device as one line for a person: what to write, then what it is. */
export function portText(port: SerialPortLine, language: Language): string {
  const { path, node, usb, model, serialNumber, twins, holders } = port;
  const say = (key: string, values?: Readonly<Record<string, string>>) =>
    text(language, `port.${key}`, values);
  const serial = serialNumber === undefined ? say('no-serial') : say('serial', { number: serialNumber });
  const named = holders.map((holder) => lineInWords(describeHolder(holder), language));
  const about = [
    ...(path === node ? [] : [node]),
    ...(usb === undefined ? [say('built-in')] : [`${usb} ${model ?? ''}`.trim(), serial]),
    ...(twins.length > 0 ? [say('twins', { names: twins.join(say('comma')) })] : []),
    ...(named.length > 0 ? [say('held', { holders: named.join(say('and')) })] : []),
  ];
  return `${path}  ${about.join(say('comma'))}`;
}

export interface PortAdvice {
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
}

/** Notes on a serial device that a site file names. */
export async function portAdvice(path: string, host: HostView = {}): Promise<PortAdvice> {
  const trouble = await troubleNow(path, host);
  if (trouble) return { status: 'fail', detail: trouble.message, remedy: trouble.remedy };
  return nameAdvice(path, await serialAdapters(host.root)) ?? { status: 'ok', detail: path };
}

/** Why a name may be of another adapter tomorrow, and the better one; nothing of a good name. */
export function nameAdvice(path: string, adapters: readonly SerialAdapter[]): PortAdvice | undefined {
  const adapter = adapters.find(({ node, byId }) => path === node || path === byId);
  const better = adapter && stablePath(adapter);
  if (better === undefined || better === path) return undefined;
  const why =
    path === adapter?.node
      ? 'may be another adapter after a restart'
      : 'is of an adapter without a serial number: a second one of its kind would be called the same';
  return { status: 'warn', detail: `${path} ${why}`, remedy: `Write path: ${better}` };
}
