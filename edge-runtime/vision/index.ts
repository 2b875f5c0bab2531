export * from './clip/analyse-clip.ts';
export * from './clip/probe-clip.ts';
export { deviceMissing, HardwareDecode, type HardwareDecodeMethod } from './decoder/hardware-decode.ts';
export * from './detect/index.ts';
export { foregroundStage } from './foreground/index.ts';
export * from './infer/load-detector.ts';
export type { ObjectTracker } from './pipeline/camera-pipeline.ts';
export { redactionModel } from './redact/load.ts';
export * from './track/index.ts';
