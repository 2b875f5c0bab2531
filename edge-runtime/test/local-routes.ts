import { localTables } from '@gatehouse/contracts';
import { isTest, type SourceFile } from './source-tree.ts';

/**
 * Files where a path belongs to another server: the console's, the platform's, a simulator's. Also benches,
 * which are peers of their own.
 */
const ownServers =
  /^(edge-runtime\/(console|kit|bench|e2e|lab|demo\/rtsp|contracts\/local)\/|sync-agent\/(receiver|simulators)\/|drivers\/simulators\/)/;

/**
 * A call or a handler with a method and a path spelled out, as every client and server of express or
 * `LocalClient` has it.
 */
const spelled =
  /\.(?:call|callRaw|open)\(\s*'(?:GET|POST|PUT|DELETE)'|\b(?:app|routes?|router|api|server)\.(?:get|post|put|delete)\(\s*['`]\/|'(?:GET|POST|PUT) \/[a-z]/;

/** A text that is a path of more than one segment of some local API, up to its first parameter. */
function pathTexts(): RegExp {
  const heads = localTables.flatMap(({ routes }) =>
    Object.values(routes).map(({ is }) => is.split(' ')[1]?.split('/:')[0] ?? ''),
  );
  const long = [...new Set(heads)].filter((head) => head.split('/').length > 2);
  return new RegExp(`['\`](?:${long.join('|')})(?=['\`?/])`);
}

/** One line for each file that spells a route of a local API instead of naming it by its table. */
export function spelledRoutes(files: readonly SourceFile[]): string[] {
  const paths = pathTexts();
  return files
    .filter(({ path }) => !isTest(path) && !ownServers.test(path))
    .flatMap(({ path, text }) => {
      const found = spelled.exec(text) ?? paths.exec(text);
      if (!found) return [];
      return [`${path}:${text.slice(0, found.index).split('\n').length}: ${found[0].trim()}`];
    });
}
