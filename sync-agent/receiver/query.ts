import { parseArgs } from 'node:util';
import { describeError, errorOf } from '@gatehouse/kit';
import { arrivedLists } from './queries.ts';
import { openReader } from './reader.ts';

export { type ArrivedList, type ArrivedRow, arrivedLists } from './queries.ts';
export { listArrived } from './reader.ts';

/**
 * `query.ts --db FILE|postgresql://… [LIST] [--limit N]`: JSON lines of one of `arrivedLists`, incidents by
 * default.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      db: { type: 'string', default: process.env.GATEHOUSE_RECEIVER_DB ?? '' },
      limit: { type: 'string', default: '1000' },
    },
  });
  const asked = positionals[0] ?? 'incidents';
  const list = arrivedLists.find((name) => name === asked);
  const limit = Number(values.limit);
  if (!list || !Number.isInteger(limit) || limit < 1)
    throw errorOf('QUERY_INVALID/list', { asked, limit: values.limit, known: arrivedLists.join(', ') });
  const reader = openReader(values.db);
  try {
    for (const row of await reader.list(list, limit)) process.stdout.write(`${JSON.stringify(row)}\n`);
  } finally {
    await reader.close();
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
