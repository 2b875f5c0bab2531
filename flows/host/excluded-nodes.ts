/**
 * Core nodes that reach files, processes or the network (Node-RED 5.0.7, `@node-red/nodes/core`). Flows reach
 * the outside through the palette only, i.e. through the runtime's checks. A test compares the remaining
 * types with a list, so that a person looks at a node of a later Node-RED before it is offered.
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
