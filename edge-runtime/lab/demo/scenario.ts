import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Id, IncidentKind, Zone } from '@gatehouse/contracts';
import { errorOf, systemCode } from '@gatehouse/kit';
import { z } from 'zod';

/** Seconds since the clip's first picture. */
const SpanS = z.object({ from: z.number().min(0), to: z.number().min(0) });

/**
 * The part of a clip's sidecar that the demo needs: the zones to watch, and the incidents that must come of
 * them.
 */
const Sidecar = z.object({
  scenario: Id,
  durationS: z.number().positive(),
  zones: z.array(Zone).min(1),
  expected: z.array(z.object({ kind: IncidentKind, zone: Id, openedS: SpanS, clearedS: SpanS.nullable() })),
});

/** A clip of the simulated compound with its zones and its events. */
export interface Scenario extends z.infer<typeof Sidecar> {
  /** The clip's file. */
  readonly file: string;
}

/** The folder of the clips that come with the software. */
export const clipsFolder = join(import.meta.dirname, '..', 'sim', 'clips');

/** The remedy for a clip that is not as it was delivered. */
export function clipsRemedy(folder: string): string {
  return `The clips are part of the software: install it again, or in a checkout: git checkout -- ${folder}`;
}

/** Reads a clip's sidecar. Throws `DEMO_CLIP_MISSING` or `DEMO_CLIP_WRONG`, naming the file. */
export function readScenario(name: string, folder = clipsFolder): Scenario {
  const sidecar = join(folder, `${name}.json`);
  try {
    return { ...Sidecar.parse(JSON.parse(readFileSync(sidecar, 'utf8'))), file: join(folder, `${name}.mp4`) };
  } catch (cause) {
    const missing = systemCode(cause);
    const values = { file: sidecar, reason: missing ?? firstFault(cause), remedy: clipsRemedy(folder) };
    throw errorOf(missing === undefined ? 'DEMO_CLIP_WRONG' : 'DEMO_CLIP_MISSING', values, { cause });
  }
}

function firstFault(error: unknown): string {
  const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
  if (issue) return `${issue.path.join('.')}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}
