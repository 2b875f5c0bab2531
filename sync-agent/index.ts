export { type BrokerLogin, openLink } from './broker/link.ts';
export { type ArrivedList, type ArrivedRow, arrivedLists, listArrived } from './receiver/query.ts';
export { Receiver, type ReceiverOptions } from './receiver/receiver.ts';
export { SqliteReceiverStore } from './receiver/sqlite-store.ts';
export type { ReceiverStore } from './receiver/store.ts';
export { certificateWarning, readClientTls } from './tls/client-tls.ts';
export { allowListed, type Inspector } from './uplink/egress.ts';
export { type OutboxSource, RuntimeOutbox } from './uplink/outbox-source.ts';
export { Uplink as UplinkService, type UplinkOptions } from './uplink/uplink.ts';
