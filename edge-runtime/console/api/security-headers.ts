import type { ServerResponse } from 'node:http';

/**
 * Content Security Policy of the console's own pages: everything from the box, no inline script, no eval, no wasm.
 * Styles may be inline: Ant Design writes its theme into style elements at run time.
 */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** The Node-RED editor needs inline script, eval (its own templates) and blob workers (Monaco); still only from the box. */
const editorPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Headers every answer carries (OWASP Secure Headers); `area` picks the policy. */
export function setSecurityHeaders(
  response: ServerResponse,
  area: 'console' | 'editor',
  https: boolean,
): void {
  response.setHeader('content-security-policy', area === 'editor' ? editorPolicy : pagePolicy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'SAMEORIGIN');
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
  if (https) response.setHeader('strict-transport-security', 'max-age=31536000');
}
