export { asStored } from './frame-codec.ts';
export { type Opening, type ReadSegment, readSegment } from './segment.ts';
export {
  type RulesBefore,
  type StoredSegment,
  TrackStore,
  type TrackStoreOptions,
} from './track-store.ts';
