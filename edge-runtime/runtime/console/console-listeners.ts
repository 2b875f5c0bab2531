import type { SiteFault } from '@gatehouse/contracts';
import { errorOf, GatehouseError } from '@gatehouse/kit';

export interface ConsoleListeners {
  /** 0 lets the system choose. */
  readonly port: number;
  readonly editorPort: number;
}

/**
 * The ports of the console and of the flow editor's own origin. A free port for the console (0) takes a free
 * one for the editor, too. Throws `CONSOLE_PORT_WRONG`, `EDITOR_PORT_WRONG`.
 */
export function consoleListeners(env = process.env): ConsoleListeners {
  const port = portIn(env, 'GATEHOUSE_CONSOLE_PORT', 8080);
  const editorPort = portIn(env, 'GATEHOUSE_EDITOR_PORT', port === 0 ? 0 : 8081);
  if (port !== 0 && port === editorPort)
    throw wrong('GATEHOUSE_EDITOR_PORT', String(port), 'the console has it');
  return { port, editorPort };
}

function portIn(env: NodeJS.ProcessEnv, variable: PortVariable, standard: number): number {
  const text = env[variable] ?? String(standard);
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw wrong(variable, text, 'it is no port number');
}

type PortVariable = 'GATEHOUSE_CONSOLE_PORT' | 'GATEHOUSE_EDITOR_PORT';

function wrong(variable: PortVariable, text: string, why: string): GatehouseError {
  const key = variable === 'GATEHOUSE_CONSOLE_PORT' ? 'CONSOLE_PORT_WRONG' : 'EDITOR_PORT_WRONG';
  return errorOf(key, { variable, text, why });
}

/** The same for the check of a site file, because these settings of a start stand in no file. */
export function consolePortFaults(env = process.env): SiteFault[] {
  try {
    consoleListeners(env);
    return [];
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    const variable = `GATEHOUSE_${error.code.replace('_WRONG', '')}`;
    return [{ path: ['console'], code: 'console-port', values: { variable, found: env[variable] } }];
  }
}
