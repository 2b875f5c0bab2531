import { parseArgs } from 'node:util';
import { Id } from '@gatehouse/contracts';
import { describeError, errorOf, isoWithOffset, silentLog, systemClock } from '@gatehouse/kit';
import { openReceiverStore } from './open-store.ts';

/**
 * `settle.ts --db FILE|postgresql://… --box ID --by NAME`: a person has found out why a box went back, or
 * that its twin is switched off. The findings stay, with the name and the time; the page shows them again
 * only if something is found anew.
 */
async function main(): Promise<void> {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({
    options: { db: { ...text, default: process.env.GATEHOUSE_RECEIVER_DB ?? '' }, box: text, by: text },
  });
  const box = Id.safeParse(values.box);
  if (!box.success || values.by.trim() === '' || values.db === '') throw errorOf('SETTLE_INVALID');
  const store = await openReceiverStore(values.db, silentLog);
  try {
    const at = isoWithOffset(systemClock.epochMs());
    const settled = await store.settle(box.data, values.by.trim().slice(0, 60), at);
    process.stdout.write(`${JSON.stringify({ box: box.data, settled })}\n`);
  } finally {
    await store.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
