/**
 * Opens a serial device as another user and says in one line what became of it; for tests, which run as root,
 * whom nothing keeps out. `node open-as.ts PATH UID`
 */
import { describeError } from '@gatehouse/kit';
import { lineTo } from '../../byte-line.ts';

const [path = '', uid = ''] = process.argv.slice(2);
const line = lineTo({ path, baudRate: 9600, parity: 'none', stopBits: 1 });
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
const said = await line.open().then(() => 'opened', describeError);
await line.close();
process.stdout.write(`${said}\n`);
