export type { LeftObject } from './found-objects.ts';
export type { BlobClass, Condition, Judgement } from './judgement.ts';
export type { Watched } from './scene.ts';
export { type ForegroundScene, ForegroundStage, foregroundStage } from './stage.ts';
export { StaticForeground, type StaticForegroundOptions } from './static-foreground.ts';
