import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorOf, GatehouseError } from '@gatehouse/kit';
import { clipsFolder, clipsRemedy, readScenario, type Scenario } from './scenario.ts';

/**
 * A camera of the demo: its id in the site file, its path at the camera simulator, and the clips that it
 * plays in turn for ever.
 */
export interface DemoCamera {
  readonly id: string;
  readonly path: string;
  readonly clips: readonly string[];
  /** The events in its one clip; absent for real clips, whose zones stand in the site file. */
  readonly scenario?: Scenario;
}

/** The simulated compound's cameras and the clip that each plays. */
export const scenarioOf: Readonly<Record<string, string>> = {
  'inner-road': 'parking-day',
  'fire-lane': 'fire-passage-van',
  plaza: 'crowd-gathers',
};

/** The camera of the real clips: a car stands for 75 s, then the same place stays empty for 60 s. */
const realCamera = { id: 'east-lane', path: 'lot', clips: ['car_stop_75s.mp4', 'empty_lot_60s.mp4'] };

export interface CameraFolders {
  /** `GATEHOUSE_MEDIA_DIR`: with it the camera of the real clips is there too. */
  readonly media?: string | undefined;
  /** Clips of the simulated compound; those that come with the software by default. */
  readonly clips?: string;
}

/**
 * The cameras of `npm start`. A camera of the simulated compound without its clip is left out, and `say`
 * reports it. Throws `DEMO_CLIP_MISSING`, naming the file, if none is left or a real clip is not there, and
 * `DEMO_CLIP_WRONG` if a clip's description is damaged.
 */
export async function demoCameras(
  { media, clips = clipsFolder }: CameraFolders,
  say: (text: string) => void = () => undefined,
): Promise<DemoCamera[]> {
  const cameras: DemoCamera[] = [];
  let absent: GatehouseError | undefined;
  for (const [id, name] of Object.entries(scenarioOf))
    try {
      cameras.push(await simulatedOne(id, name, clips));
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code !== 'DEMO_CLIP_MISSING') throw error;
      absent = error;
      say(`${id} is left out: ${error.message} ${error.remedy}`);
    }
  if (media) cameras.push(await realOne(resolve(media)));
  if (cameras.length === 0 && absent) throw absent;
  return cameras;
}

async function simulatedOne(id: string, name: string, folder: string): Promise<DemoCamera> {
  const scenario = readScenario(name, folder);
  await requireClip(scenario.file, clipsRemedy(folder));
  return { id, path: id, clips: [scenario.file], scenario };
}

async function realOne(folder: string): Promise<DemoCamera> {
  const { id, path } = realCamera;
  const clips = realCamera.clips.map((name) => join(folder, name));
  const remedy =
    'Set GATEHOUSE_MEDIA_DIR to the folder that holds it, or unset it: the demo needs no real clips.';
  for (const file of clips) await requireClip(file, remedy);
  return { id, path, clips };
}

async function requireClip(file: string, remedy: string): Promise<void> {
  await access(file).catch((cause) => {
    throw errorOf('DEMO_CLIP_MISSING/clip', { file, remedy }, { cause });
  });
}
