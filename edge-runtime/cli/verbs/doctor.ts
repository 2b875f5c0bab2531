import { invalidSite, type Language, parseSite, readSiteBytes, type Site } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';
import { checkCameras } from '../doctor/cameras.ts';
import { type Check, checkLine, failed, ok, warn } from '../doctor/check.ts';
import { checkHardware } from '../doctor/hardware.ts';
import { checkClock, checkDisk, checkFfmpeg, checkHost } from '../doctor/host.ts';
import { checkModels, checkRedaction } from '../doctor/models.ts';
import { checkReach, checkSecrets, checkServices } from '../doctor/peers.ts';
import { checkProfiles } from '../doctor/profiles.ts';
import { readArgs, type Verb } from '../verb.ts';

export const doctor: Verb = {
  usage: 'doctor [--site FILE] [--json] [--lang en|zh]',
  summary: {
    zh: '检查主机、ffmpeg、识别模型、GPU、摄像机、总线、设备档案、磁盘、时钟、平台和各服务；每处异常都给出处理办法',
    en: 'checks host, ffmpeg, models, GPU, cameras, buses, device profiles, disk, clock, upstream and services; a remedy for each that is not well',
  },
  async run(args, output) {
    const { values } = readArgs('doctor', args, { site: 'string' });
    const file = values.site ?? (process.env.GATEHOUSE_SITE || undefined);
    // A machine gets English, whatever the person's language is.
    const language = values.json ? 'en' : output.language;
    const [site, siteCheck] = readSite(file, language);
    const checks = [
      checkHost(),
      await checkFfmpeg(),
      checkDisk(),
      await checkClock(),
      siteCheck,
      ...(site && file ? checkSecrets(site, file) : []),
      ...(file ? checkProfiles(file, language) : []),
      ...(await checkModels(site)),
      ...(await checkRedaction(site)),
      ...(await checkHardware(site)),
      ...(site && file ? await checkCameras(site, file) : []),
      ...(site ? await checkReach(site, language) : []),
      ...(await checkServices(language)),
    ];
    for (const check of checks) output.line(values.json ? JSON.stringify(check) : checkLine(check, language));
    return checks.some(({ status }) => status === 'fail') ? 1 : 0;
  },
};

function readSite(file: string | undefined, language: Language): readonly [Site | undefined, Check] {
  if (file === undefined) {
    const { code, message, remedy } = errorOf('SITE_NOT_SET');
    return [undefined, warn('site', `${code}: ${message}`, remedy)];
  }
  try {
    const result = parseSite(readSiteBytes(file), { language });
    if (result.ok) return [result.site, ok('site', file)];
    throw invalidSite(file, result.problems);
  } catch (error) {
    return [undefined, failed('site', error, 'Correct the site file.')];
  }
}
