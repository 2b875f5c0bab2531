import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mirror = process.env.GATEHOUSE_MODEL_MIRROR;
/** Folder of real clips. */
export const media = process.env.GATEHOUSE_MEDIA_DIR;

/** Why a test that needs face models must be skipped; false if they are at hand. */
export const noModels =
  mirror && ['yunet_n_dynamic.onnx', 'ulfg_rfb_640.onnx'].every((file) => existsSync(join(mirror, file)))
    ? false
    : 'GATEHOUSE_MODEL_MIRROR names no folder with yunet_n_dynamic.onnx and ulfg_rfb_640.onnx';
/** The same for real pictures. */
export const noMedia = noModels || (media ? false : 'GATEHOUSE_MEDIA_DIR is not set');

/** A process environment with a model cache of its own, which is gone after the test. */
export function ownCache(t: { after: (fn: () => void) => void }, mirrored = true): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'redact-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { GATEHOUSE_MODEL_MIRROR, ...env } = process.env;
  return {
    ...env,
    GATEHOUSE_STATE_DIR: folder,
    ...(mirrored && GATEHOUSE_MODEL_MIRROR ? { GATEHOUSE_MODEL_MIRROR } : {}),
  };
}
