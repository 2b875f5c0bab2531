import { type Language, loadSite, siteNotSet } from '@gatehouse/contracts';
import { checkCameras } from '../doctor/cameras.ts';
import { type Check, failed, ok, warn } from '../doctor/check.ts';
import { checkHardware } from '../doctor/hardware.ts';
import { checkClock, checkDisk, checkFfmpeg, checkHost } from '../doctor/host.ts';
import { checkModels, checkRedaction } from '../doctor/models.ts';
import { checkReach, checkSecrets, checkServices } from '../doctor/peers.ts';
import { checkProfiles } from '../doctor/profiles.ts';
import { readArgs, type Verb } from '../verb.ts';

export const doctor: Verb = {
  usage: 'doctor [--site FILE] [--json]',
  summary:
    'checks host, ffmpeg, models, GPU, cameras, buses, device profiles, disk, clock, upstream and services; a remedy for each that is not well',
  async run(args, output) {
    const { values } = readArgs('doctor', args, { site: 'string' });
    const file = values.site ?? (process.env.GATEHOUSE_SITE || undefined);
    const [site, siteCheck] = readSite(file, output.language);
    const checks = [
      checkHost(),
      await checkFfmpeg(),
      checkDisk(),
      await checkClock(),
      siteCheck,
      ...(site && file ? checkSecrets(site, file) : []),
      ...(file ? checkProfiles(file) : []),
      ...(await checkModels(site)),
      ...(await checkRedaction(site)),
      ...(await checkHardware(site)),
      ...(site && file ? await checkCameras(site, file) : []),
      ...(site ? await checkReach(site) : []),
      ...(await checkServices()),
    ];
    for (const check of checks) output.line(values.json ? JSON.stringify(check) : lineOf(check));
    return checks.some(({ status }) => status === 'fail') ? 1 : 0;
  },
};

function readSite(file: string | undefined, language: Language) {
  if (file === undefined) {
    const { code, message, remedy } = siteNotSet(language);
    return [undefined, warn('site', `${code}: ${message}`, remedy)] as const;
  }
  try {
    return [loadSite(file), ok('site', file)] as const;
  } catch (error) {
    return [undefined, failed('site', error, 'Correct the site file.')] as const;
  }
}

function lineOf({ name, status, detail, remedy }: Check): string {
  return `${status.padEnd(5)}${name}: ${detail}${remedy ? `  → ${remedy}` : ''}`;
}
