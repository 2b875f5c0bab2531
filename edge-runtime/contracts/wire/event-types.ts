/** The types of events that go upstream. */
export const eventTypes = {
  incident: 'gatehouse.incident.v1',
  command: 'gatehouse.device-command.v1',
  commandRefused: 'gatehouse.command-refused.v1',
  auditHead: 'gatehouse.audit-head.v1',
  flowsDeployed: 'gatehouse.flows-deployed.v1',
  comms: 'gatehouse.device-comms.v1',
  reading: 'gatehouse.sensor-reading.v1',
  media: 'gatehouse.media.v1',
  gap: 'gatehouse.gap.v1',
  clockStep: 'gatehouse.clock-step.v1',
  desiredState: 'gatehouse.desired-state.v1',
  /** Written by sync-agent alone, in place of an event that the egress allow-list refused. */
  withheld: 'gatehouse.withheld.v1',
} as const;
export type EventType = (typeof eventTypes)[keyof typeof eventTypes];
