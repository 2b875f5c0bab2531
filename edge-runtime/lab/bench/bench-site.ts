/** Parts of the benches' site files, as YAML. */

export const siteHead = `version: 1
site: { id: bench, name: { zh-CN: 测试, en: Bench } }
box: { id: bench }
`;

/** A Modbus board at a port of this machine, and a door on one of its channels. */
export const benchDoor = (port: number, channel: number) => `buses:
  - { id: tcp, kind: modbus-tcp, host: 127.0.0.1, port: ${port} }
devices:
  - id: door
    kind: door
    name: { zh-CN: 门, en: Door }
    bus: tcp
    unit: 1
    profile: waveshare-modbus-rtu-relay-8ch
    outputs: { open: ${channel} }
    inputs: { open: ${channel} }
    pulseMs: 100
    failMode: safe
`;
