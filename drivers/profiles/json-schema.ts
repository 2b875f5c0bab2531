import { z } from 'zod';
import { ProfileFile } from './profile-file.ts';

/** The JSON Schema of a profile file, as text; Chinese titles and English descriptions on its fields. */
export function profileJsonSchema(): string {
  const schema = z.toJSONSchema(ProfileFile, { io: 'input', target: 'draft-7' });
  const title = { title: '门岗设备档案 / Gatehouse device profile' };
  return `${JSON.stringify({ ...schema, ...title }, undefined, 2)}\n`;
}
