/** All that the contracts say of one way up. Its work on events is in `sync-agent/uplink/sinks.ts`. */
interface SinkSpec {
  readonly name: string;
  /** Its part of the pattern of an address, before `://`. */
  readonly schemes: string;
  /** Schemes that people are offered; one without TLS may be left out. */
  readonly offered: readonly string[];
  /** The scheme with TLS. */
  readonly secured: string;
  /** Ports of addresses that name none. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Every way up there is, in the order in which people see them. */
export const sinkSpecs = [
  {
    name: 'mqtt',
    schemes: 'mqtts?',
    offered: ['mqtt', 'mqtts'],
    secured: 'mqtts',
    ports: { 'mqtt:': 1883, 'mqtts:': 8883 },
  },
  {
    name: 'webhook',
    schemes: 'https?',
    offered: ['https'],
    secured: 'https',
    ports: { 'https:': 443, 'http:': 80 },
  },
] as const satisfies readonly SinkSpec[];

export type SinkName = (typeof sinkSpecs)[number]['name'];

const specs: readonly (SinkSpec & { readonly name: SinkName })[] = sinkSpecs;

/** An address of the platform, without user and password. */
export const uplinkUrl = new RegExp(`^(${specs.map(({ schemes }) => schemes).join('|')}):\\/\\/[^@\\s]+$`);

/** `mqtt://`, `mqtts://`, `https://` */
export const offeredUrls: readonly string[] = specs.flatMap(({ offered }) =>
  offered.map((scheme) => `${scheme}://`),
);

/** `mqtts://`, `https://` */
export const securedUrls: readonly string[] = specs.map(({ secured }) => `${secured}://`);

export const sinkPorts: Readonly<Record<string, number>> = Object.assign(
  {},
  ...specs.map(({ ports }) => ports),
);

/** Which way up an address is of. */
export function sinkOf(url: string): SinkName | undefined {
  return specs.find(({ schemes }) => new RegExp(`^${schemes}:`).test(url))?.name;
}
