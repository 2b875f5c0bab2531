import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Id, LocalName } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import { z } from 'zod';

const Text = z.strictObject({ 'zh-CN': z.string().min(1).max(200), en: z.string().min(1).max(200) });
const address = z.int().min(0).max(0xffff);

/** A relay board as data (doors.md: a device is a profile, not code). Addresses are counted from 0. */
export const Profile = z.strictObject({
  id: Id,
  name: LocalName,
  note: Text.describe('What an installer should know before choosing it'),
  source: z.url().describe('Data sheet that the addresses were taken from'),
  relays: z.strictObject({
    count: z.int().min(1).max(32),
    firstCoil: address.describe('Coil of relay channel 0: read by FC01, written by FC05'),
  }),
  inputs: z.strictObject({
    count: z.int().min(0).max(32),
    firstInput: address.describe('Discrete input of channel 0: read by FC02'),
  }),
  pulse: z.discriminatedUnion('by', [
    z
      .strictObject({
        by: z.literal('board'),
        firstCoil: address.describe('FC05 at this + channel; the value field is the length in steps'),
        stepMs: z.int().min(1).max(1000),
        maxSteps: z.int().min(1).max(0xfeff),
      })
      .describe('The board releases by itself, whatever becomes of the box'),
    z
      .strictObject({ by: z.literal('box') })
      .describe('The box switches on and off; if it dies in between, the relay stays on'),
  ]),
  worstTurnaroundMs: z
    .int()
    .min(1)
    .max(2000)
    .describe('Longest time from request to reply; the quarantine after a timeout exceeds it'),
});
export type Profile = z.infer<typeof Profile>;

/** Reads every profile of a folder; throws `PROFILE_INVALID` naming the file and the field. */
export function loadProfiles(folder: string = import.meta.dirname): ReadonlyMap<string, Profile> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => readProfile(join(folder, name))).map((profile) => [profile.id, profile]),
  );
}

function readProfile(file: string): Profile {
  const result = Profile.safeParse(parseJson(file));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(file, `${issue?.path.join('.') || '(file)'}: ${issue?.message}`);
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function invalid(file: string, what: string, cause?: unknown): GatehouseError {
  return new GatehouseError('PROFILE_INVALID', 'input', `${file}: ${what}.`, 'Correct the profile.', {
    cause,
  });
}
