export type { StoredAudit, StoredFailures, StoredSession, StoredUser } from './accounts.ts';
export { AccountTables } from './accounts.ts';
export { EventStore, type EventStoreOptions, type IncidentWrite } from './event-store.ts';
export type { IncidentQuery, ListedIncident, VerdictCount } from './incident-tables.ts';
export type { OutboxBacklog, OutboxEntry } from './outbox.ts';
export type { Pruned } from './retention.ts';
export * from './tracks/index.ts';
export { type Transfer, TransferTable } from './transfers.ts';
