import type { SiteFault } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';

const standard = '8080';

/** The console's port; 0 lets the system choose. Throws `CONSOLE_PORT_WRONG`. */
export function consolePort(env = process.env): number {
  const text = env.GATEHOUSE_CONSOLE_PORT ?? standard;
  const port = Number(text);
  if (text.trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new GatehouseError(
    'CONSOLE_PORT_WRONG',
    'input',
    `GATEHOUSE_CONSOLE_PORT "${text}" is no port number.`,
    'Set it to 1–65535.',
  );
}

/** The same, told when a site file is checked: it is the one setting of a start that stands in no file. */
export function consolePortFaults(env = process.env): SiteFault[] {
  try {
    consolePort(env);
    return [];
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    return [{ path: ['console'], code: 'console-port', values: { found: env.GATEHOUSE_CONSOLE_PORT } }];
  }
}
