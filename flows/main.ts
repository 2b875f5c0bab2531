import { join } from 'node:path';
import { runtimeForFlows } from '@gatehouse/contracts';
import { jsonLog, type PartTable, runService, socketPath, stateDir, systemClock } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { cleanEnvironment } from './host/clean-environment.ts';
import { FileCursor } from './host/cursor.ts';
import { DeviceRequester } from './host/device-requester.ts';
import { EditorSessions } from './host/editor-sessions.ts';
import { HealthReport } from './host/health-report.ts';
import { IncidentFeed } from './host/incident-feed.ts';
import { loadNodeRed } from './host/node-red.ts';
import { NodeRedHost } from './host/node-red-host.ts';
import { nodeServices } from './host/node-services.ts';

const log = jsonLog('flows');

await runService(log, (): PartTable => {
  cleanEnvironment(process.env);
  const clock = systemClock;
  const userDir = join(stateDir(), 'flows');
  const runtime = apiClient(runtimeForFlows);
  const cursor = new FileCursor(join(userDir, 'incident-cursor'), log);
  const feed = new IncidentFeed({ runtime, cursor, clock, log });
  const host = new NodeRedHost({
    load: loadNodeRed,
    userDir,
    apiSocket: socketPath('flows', 'runtime'),
    editorSocket: socketPath('flows', 'editor'),
    sessions: new EditorSessions(runtime, log),
    services: nodeServices(feed, new DeviceRequester(runtime, clock)),
    feed,
    runtime,
    clock,
    log,
  });
  return [
    ['node-red', host],
    ['incident-feed', feed],
    ['health-report', new HealthReport(runtime, () => host.health, clock, log)],
  ];
});
