import { connect } from 'node:net';
import {
  faultInWords,
  healthInWords,
  type Language,
  plaintextFault,
  readSecret,
  runtimeForCli,
  type SensorState,
  type SensorValue,
  type Site,
  said,
  sinkPorts,
  term,
  type UplinkTls,
} from '@gatehouse/contracts';
import { portAdvice } from '@gatehouse/drivers/commissioning';
import { describeError, systemClock, systemCode } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { certificateWarning, readClientTls } from '@gatehouse/sync-agent';
import { driversProcess } from '../drivers-process.ts';
import { type Check, fail, failed, ok, warn } from './check.ts';
import { modelsInUse } from './models.ts';

const connectTimeoutMs = 3_000;

/** The running services' reports about themselves; one warning when the services do not run. */
export async function checkServices(language: Language): Promise<Check[]> {
  const runtime = apiClient(runtimeForCli);
  try {
    const { services } = await runtime.call('health');
    const cameras = await runtime.call('cameras');
    const devices = await runtime.call('devices');
    const sensors = await runtime.call('sensors');
    return [
      ...Object.entries(services).flatMap(([name, { status, detail, faults = [] }]) =>
        status === 'ok'
          ? [wellButTold(name, detail, language)]
          : faults.map((fault) => fail(`service ${name}`, faultInWords(fault, language), 'See its log.')),
      ),
      ...modelsInUse(services.vision?.models ?? []),
      ...cameras.map(({ id, state, reason, frameAgeMs }) =>
        state === 'live'
          ? ok(`camera ${id}`, `live, newest frame ${((frameAgeMs ?? 0) / 1000).toFixed(1)} s old`)
          : fail(`camera ${id}`, `${state} (${reason ?? 'no frame yet'})`, cameraRemedy(reason)),
      ),
      ...devices.map(({ id, comms, position }) =>
        comms === 'ok'
          ? ok(`device ${id}`, position)
          : fail(
              `device ${id}`,
              `communication ${comms}`,
              'Check its power, wiring, unit address and baud rate.',
            ),
      ),
      ...sensors.map((sensor) => sensorCheck(sensor, language)),
    ];
  } catch (error) {
    return [
      warn('services', describeError(error), 'Start them: npm start, or systemctl start gatehouse.target'),
    ];
  }
}

function sensorCheck({ id, comms, values }: SensorState, language: Language): Check {
  const name = `sensor ${id}`;
  if (comms !== 'ok')
    return fail(name, `communication ${comms}`, 'Check its power, wiring, unit address and baud rate.');
  const broken = values.filter(({ state }) => state === 'broken');
  if (broken.length > 0)
    return fail(
      name,
      `cannot measure ${broken.map((value) => nameOf(value, language)).join(', ')}`,
      'Check its probe and that the profile fits.',
    );
  return ok(name, values.map((value) => valueText(value, language)).join(language === 'en' ? ', ' : '，'));
}

function valueText(value: SensorValue, language: Language): string {
  const text = value.meaning?.name[language] ?? `${value.value} ${value.unit}`.trim();
  const alarm = { en: ' (alarm)', 'zh-CN': `（${term('zh-CN', 'sensor-state', 'alarm')}）` }[language];
  return `${nameOf(value, language)} ${text}${value.state === 'alarm' ? alarm : ''}`;
}

/** In English its id, as it has always been. */
function nameOf({ id, name }: SensorValue, language: Language): string {
  return language === 'en' ? id : name[language];
}

/**
 * A link upstream that works and yet has a warning: a certificate ends soon, or the platform does not
 * acknowledge.
 */
function wellButTold(name: string, detail: string | undefined, language: Language): Check {
  if (name !== 'sync' || detail === undefined) return ok(`service ${name}`, 'ok');
  return warn(`service ${name}`, healthInWords(detail, language), 'See the line itself.');
}

function cameraRemedy(reason = ''): string {
  if (reason.startsWith('MODEL_')) return 'Its pictures are not analysed; see the line of the model.';
  if (reason === 'CAMERA_UNAUTHORIZED') return 'Correct its user and password in the site file.';
  if (reason === 'CAMERA_NOT_FOUND') return 'Correct the path in its address in the site file.';
  if (/^CAMERA_(BASIC_REFUSED|ELSEWHERE|UDP_ONLY|TLS)$/.test(reason)) return 'See the line of its address.';
  return 'Check its power, cable and address.';
}

/**
 * Checks that the passwords that the site refers to can be read here. Names only those that cannot, and no
 * secret.
 */
export function checkSecrets(site: Site, file: string): Check[] {
  const secrets = [
    ...site.cameras.map(({ id, password }) => [`camera ${id} password`, password] as const),
    ['upstream password', site.uplink?.password] as const,
    ['upstream token', site.uplink?.token] as const,
    ['upstream signing secret', site.uplink?.signingSecret] as const,
    ['media token', site.uplink?.media?.token] as const,
  ];
  return [
    ...tlsCheck('upstream certificate', 'uplink.tls', site.uplink?.tls, file),
    ...tlsCheck('media certificate', 'uplink.media.tls', site.uplink?.media?.tls, file),
    ...secrets.flatMap(([name, source]) => {
      try {
        if (source) readSecret(source, file);
        return [];
      } catch (error) {
        return [failed(name, error, 'Make it readable.')];
      }
    }),
  ];
}

function tlsCheck(name: string, key: string, tls: UplinkTls | undefined, file: string): Check[] {
  if (!tls) return [];
  try {
    const { certEndsMs } = readClientTls(tls, file);
    const nowMs = systemClock.epochMs();
    const warning = certificateWarning(`${key}.cert`, certEndsMs, nowMs);
    const remedy = 'Get a new one from the platform, and put it in its place.';
    if (warning)
      return [(certEndsMs ?? nowMs) <= nowMs ? fail(name, warning, remedy) : warn(name, warning, remedy)];
    return certEndsMs === undefined
      ? []
      : [ok(name, `until ${new Date(certEndsMs).toISOString().slice(0, 10)}`)];
  } catch (error) {
    return [failed(name, error, `Correct "${key}".`)];
  }
}

/**
 * Checks that the devices and peers which the site names can be reached from this host. A serial line that
 * the box's own drivers service holds is well.
 */
export async function checkReach(site: Site, language: Language): Promise<Check[]> {
  const driversPid = await driversProcess();
  return Promise.all([
    ...site.buses.map((bus) =>
      bus.kind === 'modbus-rtu'
        ? serialPath(`bus ${bus.id}`, bus.path, driversPid)
        : reach(`bus ${bus.id}`, bus.host, bus.port),
    ),
    ...site.readers.map(({ id, path }) => serialPath(`reader ${id}`, path, driversPid)),
    ...(site.uplink?.media
      ? [reachUrl('media upstream', site.uplink.media.url, { 'https:': 443, 'http:': 80 })]
      : []),
    ...plaintextCheck(site, language),
    ...(site.uplink
      ? [reachUrl('upstream', site.uplink.url, sinkPorts)]
      : [warn('upstream', 'no uplink in the site file', 'Events stay on the box.')]),
  ]);
}

function plaintextCheck({ uplink }: Site, language: Language): Check[] {
  const open = uplink && plaintextFault(uplink.url, uplink.plaintext);
  if (!open) return [];
  const { message, remedy } = said(open, language);
  return [fail('upstream plaintext', `${uplink.url}: ${message}`, `In the site file: ${remedy}.`)];
}

function reachUrl(name: string, url: string, defaultPorts: Readonly<Record<string, number>>): Promise<Check> {
  const { hostname, port, protocol } = new URL(url);
  return reach(name, hostname, port ? Number(port) : (defaultPorts[protocol] ?? 0));
}

function reach(name: string, host: string, port: number): Promise<Check> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectTimeoutMs });
    const done = (check: Check) => {
      socket.destroy();
      resolve(check);
    };
    const remedy = 'Check its power, cable and address.';
    socket.once('connect', () => done(ok(name, `${host}:${port} answers`)));
    socket.once('timeout', () =>
      done(fail(name, `${host}:${port} does not answer within ${connectTimeoutMs / 1000} s`, remedy)),
    );
    socket.on('error', (error) =>
      done(fail(name, `${host}:${port}: ${systemCode(error) ?? error.message}`, remedy)),
    );
  });
}

async function serialPath(name: string, path: string, driversPid: number | undefined): Promise<Check> {
  const { status, detail, remedy = '' } = await portAdvice(path, { driversPid });
  return status === 'ok' ? ok(name, detail) : (status === 'warn' ? warn : fail)(name, detail, remedy);
}
