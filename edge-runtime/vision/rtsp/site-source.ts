import { type Camera, readSecret } from '@gatehouse/contracts';
import type { CameraSource } from './camera-source.ts';

/** A camera of the site file with its password. Throws `SECRET_MISSING`. */
export function sourceOf(camera: Camera, siteFile: string): CameraSource {
  const { url, username, password, basic, alsoKnownAs, certificate } = camera;
  return {
    url,
    basic,
    alsoKnownAs,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: readSecret(password, siteFile) }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
