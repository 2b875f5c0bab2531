module.exports = (RED) => {
  function DeviceEventIn(config) {
    RED.nodes.createNode(this, config);
    RED.settings.gatehouse.deviceEventIn(this, config);
  }
  RED.nodes.registerType('gatehouse-device-event-in', DeviceEventIn);
};
