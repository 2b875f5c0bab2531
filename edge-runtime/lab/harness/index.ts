/**
 * Machinery of tests and benches, written once. It imports nothing of the product, so that it shares none of
 * its errors.
 */
export { boxIn } from './box-folder.ts';
export { englishIn } from './english-in.ts';
export { scratchFolder } from './folder.ts';
export { Mosquitto } from './mosquitto.ts';
export { accepts, closeServer, freePort, listen } from './ports.ts';
export { endProcess, hasEnded, Program, type ProgramOptions } from './program.ts';
export { type Patience, until } from './until.ts';
