import { attachDeviceEventIn } from './device-event-in-node.ts';
import { attachDeviceRequest } from './device-request-node.ts';
import type { DeviceRequester } from './device-requester.ts';
import type { IncidentFeed } from './incident-feed.ts';
import { attachIncidentIn } from './incident-in-node.ts';
import type { NodeRedNode } from './node-red.ts';

/** Services that the palette's thin node files get as `RED.settings.gatehouse`. */
export interface NodeServices {
  incidentIn(node: NodeRedNode, config: unknown): void;
  deviceRequest(node: NodeRedNode, config: unknown): void;
  deviceEventIn(node: NodeRedNode, config: unknown): void;
}

/** Binds the palette's nodes to the process's one incident feed and one requester. */
export function nodeServices(feed: IncidentFeed, requester: DeviceRequester): NodeServices {
  return {
    incidentIn: (node, config) => attachIncidentIn(feed, node, config),
    deviceRequest: (node, config) => attachDeviceRequest(requester, node, config),
    deviceEventIn: (node, config) => attachDeviceEventIn(feed, node, config),
  };
}
