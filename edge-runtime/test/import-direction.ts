import { posix } from 'node:path';
import type { SourceFile } from './source-tree.ts';

/** Parts of the tree, longest path first: a file belongs to the first part whose folder holds it. */
const parts = [
  'edge-runtime/lab/bench/floors',
  'edge-runtime/lab/camera-simulator',
  'edge-runtime/lab/harness',
  'drivers/simulators',
  'sync-agent/simulators',
  'edge-runtime/vision/track',
  'edge-runtime/console/web',
  'edge-runtime/errors',
  'edge-runtime/kit',
  'edge-runtime/onnx',
  'edge-runtime/contracts',
  'edge-runtime/local-api',
  'edge-runtime/vision',
  'edge-runtime/rules',
  'edge-runtime/incidents',
  'edge-runtime/store',
  'edge-runtime/console',
  'edge-runtime/lab/demo',
  'edge-runtime/lab/sim',
  'edge-runtime/cli',
  'edge-runtime/lab/bench',
  'edge-runtime/lab',
  'edge-runtime/bootstrap',
  'edge-runtime',
  'drivers',
  'sync-agent',
  'flows',
  'models',
  'systemd',
] as const;
type PartName = (typeof parts)[number];

const base = ['edge-runtime/errors', 'edge-runtime/kit', 'edge-runtime/contracts'] as const;
/** Parts that serve a local API, or ask one. */
const service = [...base, 'edge-runtime/local-api'] as const;

/**
 * errors <- kit <- contracts <- everything else; the product never imports the lab. Simulators, floors and
 * the harness import nothing of the product: they would share its errors. Benches and the command line, which
 * are not listed, compose the whole box.
 */
const mayImport: Partial<Record<PartName, readonly PartName[]>> = {
  'edge-runtime/errors': [],
  'edge-runtime/kit': ['edge-runtime/errors'],
  'edge-runtime/contracts': ['edge-runtime/errors', 'edge-runtime/kit'],
  'edge-runtime/local-api': base,
  'edge-runtime/onnx': ['edge-runtime/kit'],
  // ONNX Runtime itself, with its telemetry off, is all that is behind it.
  'edge-runtime/lab/bench/floors': ['edge-runtime/onnx'],
  'edge-runtime/lab/camera-simulator': [],
  'edge-runtime/lab/harness': [],
  'drivers/simulators': [],
  'sync-agent/simulators': [],
  'edge-runtime/vision/track': base,
  'edge-runtime/rules': base,
  'edge-runtime/incidents': [...base, 'edge-runtime/rules'],
  'edge-runtime/store': base,
  'edge-runtime/console': [...base, 'edge-runtime/console/web'],
  // Its build takes the lock of the first commands, as the demo does on a state directory.
  'edge-runtime/console/web': ['edge-runtime/errors', 'edge-runtime/contracts', 'edge-runtime/bootstrap'],
  'edge-runtime/vision': [...service, 'edge-runtime/vision/track', 'edge-runtime/onnx', 'models'],
  'edge-runtime/lab/sim': base,
  'edge-runtime/lab/demo': [
    ...service,
    'edge-runtime/lab/sim',
    'edge-runtime/lab/camera-simulator',
    'edge-runtime/bootstrap',
  ],
  'edge-runtime': [
    ...service,
    'edge-runtime/rules',
    'edge-runtime/incidents',
    'edge-runtime/store',
    'edge-runtime/console',
  ],
  drivers: service,
  'sync-agent': service,
  flows: service,
  models: [...base, 'edge-runtime/onnx'],
  systemd: [],
};

/** Type-only imports that cross a line on purpose: a type shares no behaviour. */
const typeOnly: Partial<Record<PartName, readonly PartName[]>> = {
  'edge-runtime/vision/track': ['edge-runtime/vision'],
};

const packageParts: Record<string, PartName> = Object.fromEntries(
  parts.map((part) => [`@gatehouse/${posix.basename(part)}`, part]),
);

function partOf(path: string): PartName | undefined {
  return parts.find((part) => path.startsWith(`${part}/`));
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Every module a file names in `import … from`, `export … from`, `import()` or `require()`. */
export function importsOf(text: string): Import[] {
  const statement = /(?:^|\n)\s*(import|export)\s+(type\s+)?[^'";]*?\bfrom\s+'([^']+)'/g;
  const bare = /(?:^|\n)\s*import\s+'([^']+)'|\b(?:import|require)\(\s*'([^']+)'\s*\)/g;
  return [
    ...[...text.matchAll(statement)].map((m) => ({ target: m[3] ?? '', typeOnly: m[2] !== undefined })),
    ...[...text.matchAll(bare)].map((m) => ({ target: m[1] ?? m[2] ?? '', typeOnly: false })),
  ];
}

/** One line for each import against the direction. */
export function wrongImports(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const from = partOf(path);
    if (!from) return [];
    return importsOf(text).flatMap(({ target, typeOnly: onlyType }) => {
      const to = targetPart(path, target);
      if (!to || to === from || isAllowed(from, to)) return [];
      if (onlyType && typeOnly[from]?.includes(to)) return [];
      return [`${path} imports ${target}: ${from} may not import ${to}`];
    });
  });
}

/** A part that is not listed may import all but the lab, which the box does without. */
function isAllowed(from: PartName, to: PartName): boolean {
  return mayImport[from]?.includes(to) ?? (isLab(from) || !isLab(to));
}

function isLab(part: PartName): boolean {
  return `${part}/`.startsWith('edge-runtime/lab/');
}

function targetPart(path: string, target: string): PartName | undefined {
  if (target.startsWith('.')) return partOf(posix.join(posix.dirname(path), target));
  return packageParts[target.split('/').slice(0, 2).join('/')];
}
