import type { SourceFile } from './source-tree.ts';

/**
 * Functions and classes that make an emitter of `error`, by their module. Such an event without a listener
 * ends the process.
 */
const makers: Readonly<Record<string, readonly string[]>> = {
  'node:http': ['request', 'get', 'createServer'],
  'node:https': ['request', 'get', 'createServer'],
  'node:net': ['connect', 'createConnection', 'createServer', 'Server', 'Socket'],
  'node:tls': ['connect', 'createServer'],
  'node:child_process': ['spawn', 'fork', 'execFile', 'exec'],
  'node:worker_threads': ['Worker'],
  'node:fs': ['createReadStream', 'createWriteStream'],
  serialport: ['SerialPort'],
  mqtt: ['connect'],
  pg: ['Pool', 'Client'],
  ws: ['WebSocket'],
};

/** The one place in which HTTP servers are made. */
const serverMaker = 'edge-runtime/kit/guarded-server.ts';

/** A listener for every error; a loop over a stream, and the kit's way to send one, listen themselves. */
const hearing = /\bon\(\s*'error'|\bfor await \([^\n]*\bcreateReadStream\(|\bsendStream\(createReadStream\(/g;

/**
 * One line for each file that makes an emitter and does not listen to its errors, or only to the first of
 * them.
 */
export function deafFiles(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const code = withoutComments(text);
    const made = madeIn(code);
    const heard = [...code.matchAll(hearing)].length;
    const problems: string[] = [];
    if (made > heard) problems.push(`${path} makes ${made} that can fail and listens to ${heard}`);
    if (/\.once\(\s*'error'/.test(code)) problems.push(`${path} listens to the first error only`);
    if (
      /\bstdin\.(write|end)\(/.test(code) &&
      /\bspawn\(/.test(code) &&
      !/stdin\??\.on\(\s*'error'/.test(code)
    )
      problems.push(`${path} writes to a child that may be gone`);
    if (makesHttpServer(code) && path !== serverMaker)
      problems.push(`${path} makes an HTTP server of its own`);
    return problems;
  });
}

/** Number of emitters that a file makes, by the names under which it imports their makers. */
function madeIn(code: string): number {
  let made = 0;
  for (const [name] of importedMakers(code)) {
    const calls = new RegExp(`(?:\\bnew\\s+|(?<![\\w.#]))${name}\\(`, 'g');
    made += [...code.matchAll(calls)].length;
  }
  // Whose whole module is imported under a name.
  made += [...code.matchAll(/\bnew pg\.(?:Pool|Client)\(/g)].length;
  return made;
}

function makesHttpServer(code: string): boolean {
  return importedMakers(code).some(
    ([name, module, original]) =>
      /^node:https?$/.test(module) &&
      original === 'createServer' &&
      new RegExp(`(?<![\\w.#])${name}\\(`).test(code),
  );
}

/** Local name, module and original name of each maker that a file imports as a value. */
function importedMakers(code: string): (readonly [name: string, module: string, original: string])[] {
  const imports = [...code.matchAll(/\bimport\s+\{([^}]*)\}\s+from\s+'([^']+)'/g)];
  return imports.flatMap(([, names = '', module = '']) =>
    names
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '' && !one.startsWith('type '))
      .map((one) => one.split(/\s+as\s+/))
      .filter(([original = '']) => makers[module]?.includes(original))
      .map(([original = '', local = original]) => [local, module, original] as const),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}
