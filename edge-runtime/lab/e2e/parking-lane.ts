/**
 * A camera whose only rule opens an incident for a car that stands in its lane for 5 s, and clears it 1 s
 * after.
 */
export const lane = { id: 'lane-cam', violationAfterS: 5, clearAfterS: 1 } as const;

/** The same as part of a site file; nobody answers at its address. */
export const laneYaml = `cameras:
  - id: ${lane.id}
    name: { zh-CN: 车道, en: Lane }
    url: rtsp://127.0.0.1:9/none
    zones:
      - id: lane
        name: { zh-CN: 通道, en: Lane }
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        rules: [{ kind: illegal-parking, stoppedAfterS: 2, violationAfterS: ${lane.violationAfterS}, clearAfterS: ${lane.clearAfterS} }]
`;
