import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from '@gatehouse/kit';
import { isCollection, isScalar, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import type { DemoCamera } from './cameras.ts';
import type { Scenario } from './scenario.ts';

/** Ports of the demo's simulators on 127.0.0.1. */
export interface DemoPorts {
  readonly rtsp: number;
  readonly rtspControl: number;
  readonly modbus: number;
  readonly doorControl: number;
  readonly mqtt: number;
}

/**
 * Ports that the committed site file names; taken where they are free. The control ports stand in no site
 * file.
 */
export const wishedPorts: DemoPorts = {
  rtsp: 8554,
  rtspControl: 8555,
  modbus: 1502,
  doorControl: 1503,
  mqtt: 1883,
};

export const cameraUser = 'gatehouse';

/** The demo's own files below the state directory. */
export interface DemoFiles {
  readonly site: string;
  readonly cameraPassword: string;
  readonly serialLine: string;
  readonly platformDatabase: string;
}

export function demoFiles(stateDir: string): DemoFiles {
  const dir = join(stateDir, 'demo');
  return {
    site: join(dir, 'site.yaml'),
    cameraPassword: join(dir, 'camera-password'),
    serialLine: join(dir, 'yard-bus'),
    platformDatabase: join(dir, 'platform.db'),
  };
}

/**
 * Writes the site file that the demo runs on: the committed one with its comments. Cameras are those that
 * have a clip to play, zones are those of their clips, and ports and serial line are those that this machine
 * has free. Also makes the cameras' password, once, readable by its owner only.
 */
export function writeDemoSite(stateDir: string, ports: DemoPorts, cameras: readonly DemoCamera[]): DemoFiles {
  const files = demoFiles(stateDir);
  mkdirSync(join(stateDir, 'demo'), { recursive: true, mode: 0o750 });
  if (!existsSync(files.cameraPassword))
    writeDurably(files.cameraPassword, `${randomBytes(18).toString('base64url')}\n`, 0o600);
  chmodSync(files.cameraPassword, 0o600);
  const template = readFileSync(join(import.meta.dirname, 'site.yaml'), 'utf8');
  writeDurably(files.site, effectiveSite(template, ports, files.serialLine, cameras), 0o600);
  return files;
}

/**
 * The template's text with its addresses and zones replaced and without the cameras that have no clip. The
 * rest stays, comments too.
 */
export function effectiveSite(
  template: string,
  ports: DemoPorts,
  serialLine: string,
  cameras: readonly DemoCamera[],
): string {
  const document = parseDocument(template);
  const known = Sited.parse(document.toJS());
  for (const [index, { id }] of [...known.cameras.entries()].toReversed()) {
    const camera = cameras.find((one) => one.id === id);
    if (!camera) {
      document.deleteIn(['cameras', index]);
      continue;
    }
    document.setIn(['cameras', index, 'url'], `rtsp://127.0.0.1:${ports.rtsp}/${camera.path}`);
    if (camera.scenario) document.setIn(['cameras', index, 'zones'], zonesNode(document, camera.scenario));
  }
  document.setIn(['buses', 0, 'port'], ports.modbus);
  document.setIn(['buses', 1, 'path'], serialLine);
  document.setIn(['uplink', 'url'], `mqtt://127.0.0.1:${ports.mqtt}`);
  return document.toString({ lineWidth: 0 });
}

/** The part of a site file that is looked up here. */
const Sited = z.object({ cameras: z.array(z.object({ id: z.string() })) });

/** The zones of a clip, corners on one line as in the template. */
function zonesNode(document: ReturnType<typeof parseDocument>, { zones, scenario }: Scenario) {
  const node = document.createNode(zones);
  visit(node, {
    Pair: (_, pair) => {
      if (isScalar(pair.key) && isCollection(pair.value) && inOneLine.includes(String(pair.key.value)))
        pair.value.flow = true;
    },
  });
  node.commentBefore = ` Of the clip "${scenario}", which this camera plays.`;
  return node;
}

const inOneLine = ['name', 'polygon', 'classes'];
