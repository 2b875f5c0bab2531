import { plaintextFault, said } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';

/**
 * Throws `UPLINK_PLAINTEXT` for a broker without TLS beyond this machine whose host is not named in
 * `plaintext`.
 */
export function checkPlaintext(url: string, plaintext: string | undefined): void {
  const fault = plaintextFault(url, plaintext);
  if (!fault) return;
  const { message, remedy } = said(fault, 'en');
  throw errorOf('UPLINK_PLAINTEXT', { url, message, remedy });
}
