export * from './catalogue.ts';
export * from './choose.ts';
export * from './describe.ts';
export * from './download.ts';
export * from './manage.ts';
export { readModelFile } from './model-file.ts';
export * from './ran-before.ts';
export * from './resolve.ts';
