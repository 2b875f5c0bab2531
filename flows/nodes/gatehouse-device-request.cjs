module.exports = (RED) => {
  function DeviceRequest(config) {
    RED.nodes.createNode(this, config);
    RED.settings.gatehouse.deviceRequest(this, config);
  }
  RED.nodes.registerType('gatehouse-device-request', DeviceRequest);
};
