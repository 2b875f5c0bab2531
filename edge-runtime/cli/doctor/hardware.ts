import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Site } from '@gatehouse/contracts';
import { type ChooseOptions, chooseModel } from '@gatehouse/models';
import {
  createDetector,
  deviceMissing,
  type ExecutionProvider,
  type HardwareDecodeMethod,
} from '@gatehouse/vision';
import { type Check, failed, ok, warn } from './check.ts';

const execute = promisify(execFile);

/** Checks that this box has the hardware that the site file's `vision` section asks for. */
export async function checkHardware(site: Site | undefined, options: ChooseOptions = {}): Promise<Check[]> {
  if (!site) return [];
  const { hardwareDecode, executionProvider } = site.vision;
  return [await checkDecode(hardwareDecode), await checkProvider(executionProvider, options)];
}

async function checkDecode(method: HardwareDecodeMethod): Promise<Check> {
  const name = 'hardware decode';
  if (method === 'none') return ok(name, 'none: cameras are decoded in software');
  // Of the methods that `auto` tries, these can be on a box without a screen.
  for (const device of method === 'auto' ? ['vaapi', 'cuda'] : [method])
    if (await opens(device)) return ok(name, `${method}: a ${device} device opens`);
  const { message, remedy } = deviceMissing(method);
  return warn(name, message, remedy);
}

/** True if ffmpeg can open a device of this kind. */
async function opens(device: string): Promise<boolean> {
  const nothing = ['-f', 'lavfi', '-i', 'nullsrc=size=16x16', '-frames:v', '1', '-f', 'null', '-'];
  try {
    await execute('ffmpeg', ['-nostdin', '-v', 'error', '-init_hw_device', device, ...nothing], {
      timeout: 10_000,
    });
    return true;
  } catch {
    return false;
  }
}

/** Loads a model and runs it once where the site wants it. */
async function checkProvider(provider: ExecutionProvider, options: ChooseOptions): Promise<Check> {
  const name = 'execution provider';
  if (provider === 'cpu') return ok(name, 'cpu');
  try {
    const { entry, file } = await chooseModel(undefined, options);
    const detector = await createDetector(entry, file, { executionProvider: provider });
    await detector.close();
    const fault = detector.providerFault;
    return fault ? warn(name, fault.message, fault.remedy) : ok(name, `${provider} runs ${entry.id}`);
  } catch (error) {
    return failed(name, error, 'See the line of the model.');
  }
}
