import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isMethodDeclaration } from 'typescript/unstable/ast/is';
import { type Callable, CallGraph } from './call-graph.ts';

const graph = new CallGraph();
after(() => graph[Symbol.dispose]());

/** Functions that a service, a page or another part calls to learn a state. */
const answers =
  /^(health|view|state|states|status|warning|trouble|services|list|inputs|backlog|refusals|pending)$/;

/**
 * Calls that change the box, another service or the world. Reading is not such a call: `get`, `all` and
 * `prepare` of a database, `stat` of a file.
 */
const changes: readonly (readonly [file: RegExp, name: RegExp])[] = [
  [/\/@types\/better-sqlite3\//, /^(run|exec|transaction|backup|pragma|close)$/],
  [
    /\/@types\/node\/fs/,
    /^(append|chmod|chown|copy|cp|createWrite|fchmod|fdatasync|fsync|ftruncate|futimes|link|lutimes|mkdir|mkdtemp|rename|rm|symlink|truncate|unlink|utimes|write)/,
  ],
  [
    /\/@types\/node\/(child_process|net|http|https|dgram|tls)\./,
    /^(exec|spawn|fork|connect|request|createConnection|send)/,
  ],
];

function changesOf(answer: Callable): string[] {
  const found = graph
    .reachedFrom(answer)
    .filter(({ file, name }) => changes.some(([where, what]) => where.test(file) && what.test(name)))
    .map(({ way, name }) => `${answer.path}: ${[...way, name].join(' > ')}`);
  return [...new Set(found)];
}

test('nothing that says how the box is changes it: a question must not fail on a full disk', () => {
  const asked = graph.callables((name) => answers.test(name));
  assert.ok(asked.length > 30, `only ${asked.length} answers were found`);
  assert.deepEqual(asked.flatMap(changesOf), []);
});

test('the rule sees a write behind a method, an interface, an option and a callback', () => {
  const ways: Readonly<Record<string, RegExp>> = {
    // A method of a class, and a transaction that is handed over as a function.
    'MediaOutbox.withhold': /withhold > end > .*run$/,
    // Through interfaces: `FireResets` > `Journal.keep`; `EvidenceFiles` > `StillFiles`, `ClipFiles`,
    // `RedactedFiles`.
    'FireResets.reset': /reset > .* > (run|transaction)$/,
    // Through an option: `CurrentSite` is given `apply`, which goes to the recorder and its store.
    'CurrentSite.saveZones': /apply > reload > .*(run|transaction)$/,
  };
  for (const [name, way] of Object.entries(ways)) {
    const [owner, own] = name.split('.');
    const [callable] = graph
      .callables((one, node) => one === own && isMethodDeclaration(node))
      .filter((found) => found.name === `${owner}.${own}`);
    assert.ok(callable, name);
    assert.match(changesOf(callable).join('\n'), new RegExp(way.source, 'm'));
  }
});
