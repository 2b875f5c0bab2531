import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';

/** Ports of the demo's simulators on 127.0.0.1. */
export interface DemoPorts {
  readonly rtsp: number;
  readonly rtspControl: number;
  readonly modbus: number;
  readonly doorControl: number;
  readonly mqtt: number;
}

/** What the committed site file names; taken where they are free. The control ports stand in no site file. */
export const wishedPorts: DemoPorts = {
  rtsp: 8554,
  rtspControl: 8555,
  modbus: 1502,
  doorControl: 1503,
  mqtt: 1883,
};

export const cameraPath = 'lot';
export const cameraUser = 'gatehouse';

/** The demo's own files below the state directory. */
export interface DemoFiles {
  readonly site: string;
  readonly cameraPassword: string;
  readonly serialLine: string;
  readonly scene: string;
  readonly platformDatabase: string;
}

export function demoFiles(stateDir: string): DemoFiles {
  const dir = join(stateDir, 'demo');
  return {
    site: join(dir, 'site.yaml'),
    cameraPassword: join(dir, 'camera-password'),
    serialLine: join(dir, 'yard-bus'),
    scene: join(dir, 'scene.mp4'),
    platformDatabase: join(dir, 'platform.db'),
  };
}

/**
 * Writes the site file that the demo runs on: the committed one with its comments, and with the ports and the serial
 * line that this machine has free. Also makes the camera's password, once, readable by its owner only.
 */
export function writeDemoSite(stateDir: string, ports: DemoPorts): DemoFiles {
  const files = demoFiles(stateDir);
  mkdirSync(join(stateDir, 'demo'), { recursive: true, mode: 0o750 });
  if (!existsSync(files.cameraPassword))
    writeAtomically(files.cameraPassword, `${randomBytes(18).toString('base64url')}\n`);
  chmodSync(files.cameraPassword, 0o600);
  const template = readFileSync(join(import.meta.dirname, 'site.yaml'), 'utf8');
  writeAtomically(files.site, effectiveSite(template, ports, files.serialLine));
  return files;
}

/** The template's text with its addresses replaced; everything else, comments too, stays. */
export function effectiveSite(template: string, ports: DemoPorts, serialLine: string): string {
  const document = parseDocument(template);
  document.setIn(['cameras', 0, 'url'], `rtsp://127.0.0.1:${ports.rtsp}/${cameraPath}`);
  document.setIn(['buses', 0, 'port'], ports.modbus);
  document.setIn(['buses', 1, 'path'], serialLine);
  document.setIn(['uplink', 'url'], `mqtt://127.0.0.1:${ports.mqtt}`);
  return document.toString({ lineWidth: 0 });
}

function writeAtomically(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
