/**
 * Core nodes that reach files, processes or the network (Node-RED 5.0.7, `@node-red/nodes/core`). What flows need of
 * the outside comes through the palette, i.e. through the runtime's checks. A test holds the types that remain
 * against a list, so that a node which a later Node-RED adds is looked at before it is offered.
 */
export const excludedNodes: readonly string[] = [
  '90-exec.js',
  '05-tls.js',
  '06-httpproxy.js',
  '10-mqtt.js',
  '21-httpin.js',
  '21-httprequest.js',
  '22-websocket.js',
  '31-tcpin.js',
  '32-udp.js',
  '10-file.js',
  '23-watch.js',
];
