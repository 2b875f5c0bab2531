module.exports = (RED) => {
  function IncidentIn(config) {
    RED.nodes.createNode(this, config);
    RED.settings.gatehouse.incidentIn(this, config);
  }
  RED.nodes.registerType('gatehouse-incident-in', IncidentIn);
};
