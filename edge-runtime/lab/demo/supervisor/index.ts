export type { ProcessSpec, ProcessState } from './managed-process.ts';
export { Supervisor, type SupervisorOptions } from './supervisor.ts';
