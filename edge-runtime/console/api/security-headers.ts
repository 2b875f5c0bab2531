import type { ServerResponse } from 'node:http';

/**
 * Content Security Policy of the console's own pages: everything comes from the box, no inline script, no
 * eval, no wasm. Styles may be inline, because Ant Design writes its theme into style elements at run time.
 * One form may leave the origin: it takes a ticket to the flow editor.
 */
const pagePolicy = (editor: string) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    `form-action 'self' ${editor}`,
    "frame-ancestors 'none'",
  ].join('; ');

/**
 * The Node-RED editor needs inline script, eval (its own templates) and blob workers (Monaco); still only
 * from its own origin.
 */
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
  "frame-ancestors 'none'",
].join('; ');

/** Headers of the console's answers; `editor` is the origin of the flow editor. */
export function setPageHeaders(response: ServerResponse, editor: string, https: boolean): void {
  // A form's request to the editor must show its origin; other requests show no more than that, either.
  setCommonHeaders(response, pagePolicy(policySource(editor)), 'strict-origin', https);
}

export function setEditorHeaders(response: ServerResponse, https: boolean): void {
  setCommonHeaders(response, editorPolicy, 'same-origin', https);
}

/** Headers every answer carries (OWASP Secure Headers). */
function setCommonHeaders(
  response: ServerResponse,
  policy: string,
  referrerPolicy: string,
  https: boolean,
): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', referrerPolicy);
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(), microphone=(), geolocation=(), payment=(), usb=()');
  if (https) response.setHeader('strict-transport-security', 'max-age=31536000');
}

/**
 * A policy cannot name an IPv6 address (CSP 3, 2.3.1 host-source), so any host may be on the editor's port.
 */
function policySource(origin: string): string {
  return origin.replace(/\/\/\[[^\]]*\]/, '//*');
}
