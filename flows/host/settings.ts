import { join } from 'node:path';
import type { Log, LogLevel } from '@gatehouse/kit';
import { adminAuth, type EditorSessions } from './editor-sessions.ts';
import { excludedNodes } from './excluded-nodes.ts';
import en from './locales/en.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };
import type { NodeServices } from './node-services.ts';

/** Path of the editor, here and behind the console, which proxies it unchanged. */
export const editorRoot = '/flows';

export interface SettingsOptions {
  /** Node-RED's user directory. */
  readonly userDir: string;
  readonly credentialSecret: string;
  readonly sessions: EditorSessions;
  /** The palette's nodes get these as `RED.settings.gatehouse`. */
  readonly services: NodeServices;
  readonly log: Log;
  /** Called for each error of a node. */
  readonly onError: () => void;
}

/** The palette, a Node-RED package of its own beside this folder. */
export const paletteDir = join(import.meta.dirname, '..', 'nodes');

/** Node-RED's settings: locked down to an editor for flows between incidents and doors (see README.md). */
export function nodeRedSettings(options: SettingsOptions) {
  return {
    userDir: options.userDir,
    flowFile: 'flows.json',
    flowFilePretty: true,
    credentialSecret: options.credentialSecret,
    nodesDir: paletteDir,
    nodesExcludes: excludedNodes,
    httpAdminRoot: editorRoot,
    httpNodeRoot: false,
    adminAuth: adminAuth(options.sessions),
    apiMaxLength: '2mb',
    functionGlobalContext: {},
    functionExternalModules: false,
    /** Seconds one run of a function node may hold the event loop. */
    globalFunctionTimeout: 5,
    /** Messages a join, batch or sort node may hold. */
    nodeMessageBufferMaxLength: 1000,
    debugMaxLength: 1000,
    exportGlobalContextKeys: false,
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    diagnostics: { enabled: false, ui: false },
    runtimeState: { enabled: false, ui: false },
    telemetry: { enabled: false, updateNotification: false },
    tlsConfigDisableLocalFiles: true,
    lang: 'zh-CN',
    editorTheme: editorTheme(),
    logging: {
      gatehouse: { level: 'info', audit: true, handler: () => journalHandler(options.log, options.onError) },
    },
    gatehouse: options.services,
  };
}

/** Node-RED asks for one text here, whatever the language of its reader: Chinese first, then English. */
function both(key: keyof typeof en): string {
  return `${zhCN[key]} · ${en[key]}`;
}

function editorTheme() {
  return {
    page: { title: both('title') },
    header: { title: both('title') },
    projects: { enabled: false },
    tours: false,
    userMenu: false,
    multiplayer: { enabled: false },
    codeEditor: { lib: 'monaco' },
    // Seen only when the console's login has ended while the editor stayed open.
    login: { message: both('login-ended'), button: { label: both('open-console'), url: '/' } },
  };
}

interface NodeRedRecord {
  readonly level: number;
  readonly msg?: unknown;
  readonly event?: string;
  readonly type?: string;
  readonly name?: string;
  readonly id?: string;
  readonly user?: { readonly username?: string };
  readonly path?: string;
}

/** Node-RED's levels (`@node-red/util/lib/log.js`): fatal 10, error 20, warn 30, info 40, audit 98. */
const levels: Readonly<Record<number, LogLevel>> = { 10: 'error', 20: 'error', 30: 'warn', 40: 'info' };

function journalHandler(log: Log, onError: () => void) {
  return (record: NodeRedRecord) => {
    if (record.level === 98) {
      // Reads fill the journal without saying anything; an audit asks for changes and refusals.
      if (record.event && /\.(set|fail|update|install|delete|create)|auth/.test(record.event))
        log.info('editor-audit', { audit: record.event, user: record.user?.username, path: record.path });
      return;
    }
    const level = levels[record.level] ?? 'debug';
    if (level === 'error') onError();
    log[level]('node-red', {
      message: messageOf(record.msg),
      ...(record.type ? { node: record.name ?? record.id, type: record.type } : {}),
    });
  };
}

/** Errors of function nodes come from another realm (`vm`), where `instanceof Error` does not hold. */
function messageOf(msg: unknown): unknown {
  return typeof msg === 'object' && msg !== null && 'message' in msg ? msg.message : msg;
}
