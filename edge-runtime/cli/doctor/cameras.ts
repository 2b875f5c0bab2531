import { type Camera, runtimeForCli, type Site } from '@gatehouse/contracts';
import { GatehouseError, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import {
  basicRefused,
  type CameraProbe,
  type CameraSource,
  ConnectionLimiter,
  placeOf,
  probeCamera,
  sourceOf,
} from '@gatehouse/vision';
import { z } from 'zod';
import { type Check, fail, failed, ok, warn } from './check.ts';

/**
 * Sends each camera of the site the DESCRIBE of a pull. Reports its answer, its way to take the password, and
 * any difference between its own name and the site file's. The password is sent only as the site file allows,
 * once per camera, and not to a camera that already refuses it, because a few wrong logins lock an account.
 */
export async function checkCameras(site: Site, file: string): Promise<Check[]> {
  const refusing = await camerasThatRefuse();
  const connections = new ConnectionLimiter();
  const checks = site.cameras.map((camera) => {
    const source = refusing.has(camera.id) ? undefined : readableSource(camera, file);
    return checkCamera(camera, source, connections);
  });
  return (await Promise.all(checks)).flat();
}

/** Without `source` the camera is asked without a password. */
async function checkCamera(
  camera: Camera,
  source: CameraSource | undefined,
  connections: ConnectionLimiter,
): Promise<Check[]> {
  const { host, port } = placeOf(camera);
  const place = `${host}:${port}`;
  const leave = await connections.enter({ host: place, failing: false }, new AbortController().signal);
  try {
    const { url, alsoKnownAs } = camera;
    const probe = await probeCamera(source ?? { url, alsoKnownAs }, systemClock);
    return [...certificateChecks(camera, probe), addressCheck(camera, probe, source !== undefined)];
  } finally {
    leave();
  }
}

function addressCheck(camera: Camera, probe: CameraProbe, isTried: boolean): Check {
  const name = `camera ${camera.id} address`;
  const { host, port } = placeOf(camera);
  const { fault, status, login, offered, verified } = probe;
  if (fault?.code === 'CAMERA_UNREACHABLE')
    return fail(name, `${host}:${port}: ${fault.detail}`, fault.remedy);
  if (fault) return failed(name, fault, fault.remedy);
  if (status === 401 && !offered.includes('digest') && offered.includes('basic') && !camera.basic)
    return failed(name, basicRefused(), '');
  if (status === 401 && !isTried) return ok(name, `${host}:${port} answers; its password was not tried`);
  if (status === 401 || status === 403)
    return fail(
      name,
      `${host}:${port} refuses user and password`,
      'Correct them at this camera in the site file.',
    );
  if (status === 404) return fail(name, 'the camera has no such stream', 'Correct the path in its address.');
  if (status !== 200) return fail(name, `${host}:${port} answers ${status}`, "See the camera's log.");
  if (login === 'basic' && !verified)
    return warn(
      name,
      'its password goes out in clear (Basic), as the site file allows',
      'Set the camera to digest or rtsps://, then take "basic" out.',
    );
  if (camera.basic && login === 'digest')
    return warn(
      name,
      `${host}:${port} takes digest, "basic" is not needed`,
      'Take "basic" out of the site file.',
    );
  return ok(name, `${host}:${port} answers, ${words[login]}`);
}

const words = { none: 'asks for no password', digest: 'login by digest', basic: 'login by Basic within TLS' };

/** TLS with an unknown certificate hides nothing from an attacker on the line. */
function certificateChecks({ id }: Camera, { certificate, verified }: CameraProbe): Check[] {
  if (certificate === undefined || verified) return [];
  const remedy = `If it is the camera's own, add to it in the site file: certificate: '${certificate}'`;
  return [warn(`camera ${id} certificate`, 'unknown: issued by no authority that this box trusts', remedy)];
}

/** Undefined if its password cannot be read; `checkSecrets` reports that. */
function readableSource(camera: Camera, file: string): CameraSource | undefined {
  try {
    return sourceOf(camera, file);
  } catch (error) {
    if (error instanceof GatehouseError) return undefined;
    throw error;
  }
}

/** Cameras that refuse the password according to the running service; none if it does not run. */
async function camerasThatRefuse(): Promise<ReadonlySet<string>> {
  try {
    const statuses = await apiClient(runtimeForCli).call('cameras');
    return new Set(statuses.filter(({ reason }) => reason === 'CAMERA_UNAUTHORIZED').map(({ id }) => id));
  } catch (error) {
    if (error instanceof GatehouseError || error instanceof z.ZodError) return new Set();
    throw error;
  }
}
