import { plaintextFault, said } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';

/**
 * Throws `UPLINK_PLAINTEXT` for a broker without TLS beyond this machine whose host is not named in
 * `plaintext`.
 */
export function checkPlaintext(url: string, plaintext: string | undefined): void {
  const fault = plaintextFault(url, plaintext);
  if (!fault) return;
  const { message, remedy } = said(fault, 'en');
  throw new GatehouseError('UPLINK_PLAINTEXT', 'input', `${url}: ${message}.`, `${remedy}.`);
}
