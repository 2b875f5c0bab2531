import { z } from 'zod';
import { Permissions } from '../permissions.ts';
import { Id, LocalName, Point } from '../primitives.ts';
import { siteCalendar } from './calendar.ts';
import { Device, Input, Interlock } from './devices.ts';
import { CardReader } from './readers.ts';
import { ZoneRule } from './rules/index.ts';
import { SecretSource } from './secret-source.ts';
import { Sensor } from './sensors.ts';
import { StoreSettings } from './store.ts';
import { Uplink } from './uplink.ts';

export const Zone = z.strictObject({
  id: Id,
  name: LocalName,
  polygon: z
    .array(Point)
    .min(3)
    .max(32)
    .describe('Corners as [x, y] fractions of the picture, 0 to 1; sides must not cross'),
  rules: z.array(ZoneRule).max(8).default([]),
});
export type Zone = z.infer<typeof Zone>;

/** `192.0.2.7`, `cam.lan:554`, `[2001:db8::7]:554`. */
const hostPort = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]{1,253})(:\d{1,5})?$/i;

export const Camera = z.strictObject({
  id: Id,
  name: LocalName,
  url: z
    .string()
    .regex(/^rtsps?:\/\/[^@\s]+$/, {
      error: 'must be rtsp:// or rtsps:// without user and password (use "username" and "password")',
      abort: true,
    })
    .refine((url) => URL.canParse(url) && new URL(url).hostname !== '', {
      message: 'must name a host, and a port of 1 to 65535 if any',
      params: { fault: 'url-invalid' },
    }),
  username: z
    .string()
    .min(1)
    .max(64)
    .regex(/^\P{Cc}*$/u, 'must hold no control characters')
    .optional(),
  password: SecretSource.optional(),
  basic: z
    .boolean()
    .default(false)
    .describe('Allows the password to be sent in clear if the camera accepts nothing else'),
  alsoKnownAs: z
    .array(z.string().regex(hostPort, 'must be a host, or host:port'))
    .max(8)
    .default([])
    .describe('Other hosts that the camera may use for itself, for example behind a router or recorder'),
  certificate: z
    .string()
    .regex(/^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'must be a SHA-256 as 64 hexadecimal digits')
    .optional()
    .describe('SHA-256 of the certificate that the camera must show at rtsps://; doctor prints it'),
  analysis: z
    .strictObject({
      model: z.string().optional().describe('Catalogue model; the catalogue default if absent'),
      fps: z.number().min(0.5).max(25).default(5).describe('Most frames analysed a second'),
      decode: z
        .enum(['adaptive', 'full'])
        .default('adaptive')
        .describe('adaptive: keyframes only while nothing moves; full: always everything'),
      longSidePx: z
        .int()
        .min(160)
        .max(1280)
        .optional()
        .describe(
          "Longer side of the detector's input in pixels, for models of free size; the model's own if absent",
        ),
    })
    .prefault({}),
  ring: z
    .strictObject({
      seconds: z.number().min(5).max(600).default(30).describe('How far back clips and stills reach'),
      megabytes: z.number().min(2).max(256).default(24).describe('Most memory for it; the oldest goes first'),
    })
    .prefault({}),
  zones: z.array(Zone).max(32).default([]),
});
export type Camera = z.infer<typeof Camera>;

/** Settings of characters and frames on a serial line; data bits are always 8 (Modbus RTU). */
const serialLine = {
  baudRate: z
    .union([
      z.literal(1200),
      z.literal(2400),
      z.literal(4800),
      z.literal(9600),
      z.literal(19200),
      z.literal(38400),
      z.literal(57600),
      z.literal(115200),
    ])
    .default(9600),
  parity: z.enum(['none', 'even', 'odd']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  // A lowering needs its loop read within the last second, and the pause stands between that read and the
  // write.
  pauseMs: z
    .int()
    .min(0)
    .max(500)
    .default(0)
    .describe(
      'Least pause between two frames, milliseconds; never less than the 3.5 characters of Modbus RTU',
    ),
  localEcho: z
    .enum(['auto', 'on'])
    .default('auto')
    .describe('Whether the adapter gives back what is sent; auto: the first read that is answered tells'),
};

export const Bus = z.discriminatedUnion('kind', [
  z.strictObject({
    id: Id,
    kind: z.literal('modbus-tcp'),
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(502),
    timeoutMs: z.int().min(20).max(5000).default(300),
  }),
  z.strictObject({
    id: Id,
    kind: z.literal('modbus-rtu'),
    path: z
      .string()
      .startsWith('/')
      .describe('Serial device by a stable name, which "gatehouse bus ports" tells'),
    ...serialLine,
    timeoutMs: z.int().min(20).max(5000).default(300),
  }),
  z
    .strictObject({
      id: Id,
      kind: z.literal('modbus-rtu-tcp'),
      host: z.string().min(1),
      port: z.int().min(1).max(65535).describe('TCP port of the serial server in its transparent mode'),
      ...serialLine,
      timeoutMs: z.int().min(20).max(5000).default(400),
    })
    .describe('RTU frames through a serial server; baud rate and parity are those of its serial side'),
]);
export type Bus = z.infer<typeof Bus>;

/**
 * The parts of this box's hardware that the vision service uses. Where a part is missing all goes on without
 * it, and health says so.
 */
export const VisionHardware = z.strictObject({
  // Those of ffmpeg's -hwaccel names that decode on a box without a screen and give pictures back to memory.
  // vdpau wants an X server. qsv keeps the pictures on the GPU (an Intel GPU decodes by vaapi as well). drm,
  // opencl and vulkan decode nothing in ffmpeg 5.1.
  hardwareDecode: z
    .enum(['none', 'auto', 'vaapi', 'cuda'])
    .default('none')
    .describe(
      'Decodes cameras: vaapi: Intel or AMD GPU; cuda: NVIDIA; auto: what ffmpeg finds; none: the processor',
    ),
  // onnxruntime-node 1.30 also takes webgpu, which is experimental, and tensorrt. That one builds its engine
  // anew at every start, for minutes, and the binding has no option to keep it. onnxruntime passes over other
  // names without an error.
  executionProvider: z
    .enum(['cpu', 'cuda'])
    .default('cpu')
    .describe('Runs the models; cuda needs libraries that an installer adds (models/README.md)'),
});
export type VisionHardware = z.infer<typeof VisionHardware>;

/** A name that a page may have in a browser's address line: no port, no address. */
const HostName = z
  .string()
  .max(253)
  .regex(
    /^(?!.*\d$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name in lower case, e.g. gatehouse.lan, without port; addresses need not be listed',
  );

/** The whole site file. Version 1. */
export const Site = z.strictObject({
  version: z.literal(1),
  site: z.strictObject({ id: Id, name: LocalName, ...siteCalendar }),
  box: z.strictObject({ id: Id }),
  cameras: z.array(Camera).max(64).default([]),
  buses: z.array(Bus).max(16).default([]),
  devices: z.array(Device).max(64).default([]),
  inputs: z.array(Input).max(128).default([]),
  sensors: z.array(Sensor).max(64).default([]),
  readers: z.array(CardReader).max(32).default([]),
  interlocks: z.array(Interlock).max(16).default([]),
  permissions: Permissions,
  uplink: Uplink.optional(),
  vision: VisionHardware.prefault({}),
  store: StoreSettings.prefault({}),
  clock: z
    .strictObject({
      keptBy: z
        .enum(['time-service', 'elsewhere'])
        .default('time-service')
        .describe(
          'time-service: remote commands only while timesyncd, chronyd or ntpd keeps the clock; elsewhere: something that the box cannot see keeps it (a hypervisor, PTP), and it is trusted as it is',
        ),
    })
    .prefault({}),
  console: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('Address the console and the flow editor listen on'),
      hostNames: z
        .array(HostName)
        .max(16)
        .default([])
        .describe('Names of this box in the LAN, besides its addresses, that browsers may ask for it by'),
    })
    .prefault({}),
});
export type Site = z.infer<typeof Site>;
