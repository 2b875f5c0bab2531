/** A site file in which all is right. */
export const good = `version: 1
site:
  id: riverside
  name: { zh-CN: 河畔花园, en: Riverside }
box: { id: riverside-box }
cameras:
  - id: west-lane
    name: { zh-CN: 西侧车道, en: West lane }
    url: rtsp://192.0.2.20:554/live/1
    username: viewer
    password: { file: west-password }
    zones:
      - id: lane
        name: { zh-CN: 禁停区, en: No parking }
        polygon: [[0.1, 0.1], [0.6, 0.1], [0.6, 0.7]]
        rules:
          - kind: illegal-parking
            violationAfterS: 60
buses:
  - id: gates
    kind: modbus-rtu
    path: /dev/ttyS1
    baudRate: 19200
devices:
  - id: arm
    kind: barrier
    name: { zh-CN: 道闸, en: Arm }
    bus: gates
    unit: 3
    profile: some-board
    outputs: { open: 0, close: 1 }
    inputs: { closed: 1, loop: 2 }
    failMode: safe
uplink:
  url: mqtts://platform.example:8883
`;

/** One mistake each: the typed text, and the line that reports it. */
export const mistakes: readonly (readonly [what: string, from: string, to: string, told: RegExp])[] = [
  [
    'a key of another program',
    'username: viewer',
    'login: viewer',
    /^s\.yaml:10: cameras\[0\]\.login: unknown key "login"; expected one of: id, name, url, .*Remove the line/,
  ],
  [
    'a key cut short',
    'username: viewer',
    'user: viewer',
    /:10: cameras\[0\]\.user: unknown key "user"; expected "username"\. Write username/,
  ],
  [
    'a key cut short in a union',
    'baudRate: 19200',
    'baud: 19200',
    /:23: buses\[0\]\.baud: unknown key "baud"; expected "baudRate"/,
  ],
  [
    'a key in another unit',
    'violationAfterS: 60',
    'violationAfterMin: 1',
    /:18: .*violationAfterMin: unknown key .*expected "violationAfterS", a number \(seconds\)\. .*convert/,
  ],
  [
    'a polygon of two corners',
    ', [0.6, 0.7]]',
    ']',
    /:15: cameras\[0\]\.zones\[0\]\.polygon: 2 given; expected 3 to 32 points \[x, y\].*polygon: \[\[/,
  ],
  [
    'corners in pixels',
    '[0.6, 0.7]',
    '[640, 360]',
    /polygon\[2\]\[0\]: 640 lies outside the picture; expected a fraction .*Divide pixels/,
  ],
  [
    'a misspelt scheme',
    'rtsp://192.0.2.20:554/live/1',
    'rtps://192.0.2.20/1',
    /:9: cameras\[0\]\.url: "rtps:\/\/192\.0\.2\.20\/1" is no address of this kind; expected rtsp:\/\/HOST/,
  ],
  [
    'an address without a host',
    'rtsp://192.0.2.20:554/live/1',
    'rtsp:///live/1',
    /url: this is no address that can be called; expected rtsp:\/\/HOST.*Check host and port/,
  ],
  [
    'a port that there is not',
    ':554/live',
    ':70000/live',
    /url: this is no address that can be called;.*\(1 to 65535\)/,
  ],
  [
    'a web address',
    'rtsp://192.0.2.20:554/live/1',
    'https://192.0.2.20/',
    /url: "https:.*is no address of this kind; expected rtsp/,
  ],
  [
    'a password in the address',
    'rtsp://192',
    'rtsp://viewer:Secret#9@192',
    /url: a user or a password stands in the address; expected .*"password: \{ file: NAME \}"/,
  ],
  [
    'a password in the file',
    '{ file: west-password }',
    'Secret#9',
    /password: a secret must not stand in the site file; expected \{ file: NAME \} or/,
  ],
  [
    'a serial rate that there is not',
    '19200',
    '19000',
    /baudRate: "19000" is not known; expected one of: 1200, .*Did you mean 19200\?$/,
  ],
  [
    'a window in one text',
    'violationAfterS: 60',
    'schedule: 22:00-06:00',
    /schedule: "22:00-06:00" cannot stand here; expected a list of 1 to 20 items.*from: "22:00"/,
  ],
  [
    'a city for a time zone',
    'id: riverside\n',
    'id: riverside\n  timezone: Shanghai\n',
    /site\.timezone: "Shanghai" is no time zone; expected an IANA time zone.*Asia\/Shanghai/,
  ],
  [
    'a date of another calendar',
    'id: riverside\n',
    'id: riverside\n  holidays: [2026-13-40]\n',
    /holidays\[0\]: "2026-13-40" has the wrong form; expected a date in quotes/,
  ],
  [
    'a time that is negative',
    'violationAfterS: 60',
    'violationAfterS: -5',
    /violationAfterS: -5 is outside of what is possible; expected a number from 5 to 3600 \(seconds\)/,
  ],
  [
    'an id in Chinese',
    'id: west-lane',
    'id: 西侧',
    /:7: cameras\[0\]\.id: "西侧" is no id; expected 1 to 63 of a-z.*goes into "name"/,
  ],
  [
    'a name in one language',
    '{ zh-CN: 西侧车道, en: West lane }',
    '西侧车道',
    /name: "西侧车道" cannot stand here; expected a section with zh-CN, en\. .*name: \{ zh-CN: 广场, en: Plaza \}/,
  ],
  [
    'half a name',
    '{ zh-CN: 西侧车道, en: West lane }',
    '{ zh-CN: 西侧车道 }',
    /name\.en: "en" is missing; expected a text of 1 to 60 characters\. Add it: en: Plaza/,
  ],
  [
    'a name without end',
    '西侧车道',
    '道'.repeat(90),
    /zh-CN: the text has 90 characters; expected at most 60/,
  ],
  ['a name of spaces', '西侧车道', '"   "', /name\.zh-CN: the text is blank; expected a text of 1 to 60/],
  [
    'a number in quotes',
    'violationAfterS: 60',
    'violationAfterS: "60"',
    /"60" in quotes is a text; expected a number from 5 to 3600 \(seconds\)\. Take the quotes away: 60/,
  ],
  [
    'a number in full width',
    'violationAfterS: 60',
    'violationAfterS: ６０',
    /"６０" is no number to YAML; .*Write 60/,
  ],
  [
    'a number with a separator',
    'violationAfterS: 60',
    'violationAfterS: 1_200',
    /"1_200" is no number to YAML; .*Write 1200/,
  ],
  [
    'a unit in quotes',
    'unit: 3',
    "unit: '3'",
    /:29: devices\[0\]\.unit: "3" in quotes is a text; expected a whole number from 1 to 247/,
  ],
  [
    'a unit beyond the protocol',
    'unit: 3',
    'unit: 300',
    /unit: 300 is outside of what is possible; expected a whole number from 1 to 247/,
  ],
  [
    'half a unit',
    'unit: 3',
    'unit: 3.5',
    /unit: 3\.5 cannot stand here; expected a whole number from 1 to 247/,
  ],
  [
    'off for false',
    'failMode: safe',
    'failMode: safe\n    heldOpen: off',
    /heldOpen: "off" is a text; expected false, or a section with warnAfterS, alarmAfterS\. Write false/,
  ],
  [
    'yes for true',
    'failMode: safe',
    'failMode: safe\n    forcedOpen: yes',
    /forcedOpen: "yes" is a text; expected true or false\. Write true/,
  ],
  [
    'a rule by another spelling',
    'kind: illegal-parking',
    'kind: IllegalParking',
    /kind: "IllegalParking" is not known; expected one of: illegal-parking, .*Did you mean illegal-parking\?/,
  ],
  [
    'a rule without its kind',
    '- kind: illegal-parking\n            violationAfterS: 60',
    '- violationAfterS: 60',
    /rules\[0\]\.kind: "kind" is missing; expected one of: illegal-parking/,
  ],
  [
    'a bus by another spelling',
    'bus: gates',
    'bus: gate',
    /bus: nothing is called "gate" below "buses"; expected one of: gates\. Did you mean gates\?/,
  ],
  [
    'a full-width comma',
    '西侧车道, en',
    '西侧车道，en',
    /:8: cameras\[0\]\.name: the full-width "，" in column 24 is a letter to YAML; expected ","/,
  ],
  [
    'a full-width colon',
    'kind: barrier',
    'kind：barrier',
    /:26: devices\[0\]\.kind|:26: devices\[0\]: the full-width "：" in column 9 is a letter to YAML; expected ":"/,
  ],
  [
    'quotes of a word processor',
    'path: /dev/ttyS1',
    'path: “/dev/ttyS1”',
    /path: "“\/dev\/ttyS1”" has full-width signs; expected the path of a device.*Write ""\/dev\/ttyS1""/,
  ],
  [
    'a key twice',
    'username: viewer',
    'username: viewer\n    username: admin',
    /:11: cameras\[0\]\.username: the key "username" stands twice in one section/,
  ],
  ['a tab', '    username', '\tusername', /:10: cameras\[0\]: a tab indents this line; expected spaces/],
  [
    'a space too few',
    '    username',
    '   username',
    /:10: cameras\[0\]\.username: this line is indented otherwise than its neighbours/,
  ],
  [
    'a quote that is not closed',
    'url: mqtts://platform.example:8883',
    'url: "mqtts://platform.example:8883',
    /:35: uplink\.url: the quote that begins here is not closed/,
  ],
  [
    'a second document',
    'uplink:',
    '---\nuplink:',
    /:3[45]: .*begins a second document; expected one document/,
  ],
  [
    'an alias of nothing',
    '{ file: west-password }',
    '*secret',
    /:11: cameras\[0\]\.password: "\*secret" names nothing; expected an anchor "&secret"/,
  ],
  [
    'a broker without a scheme',
    'mqtts://platform.example:8883',
    'platform.example:8883',
    /uplink\.url: "platform\.example:8883" is no address of this kind; expected mqtt:\/\/HOST/,
  ],
  [
    'a section without its content',
    'outputs: { open: 0, close: 1 }',
    'outputs:',
    /outputs: "outputs" has no value; expected a section with open, close, stop\. Write outputs: \{ open: 0 \}/,
  ],
  [
    'a section in place of a list',
    'buses:\n  - id: gates',
    'buses:\n    id: gates',
    /buses: \{.* cannot stand here; expected a list of at most 16 items/,
  ],
  [
    'a host with its port',
    'kind: modbus-rtu\n    path: /dev/ttyS1',
    'kind: modbus-rtu-tcp\n    port: 502\n    host: "10.0.0.9:502"',
    /host: "10\.0\.0\.9:502" is no host; expected an IP address or a host name\. .*the port in "port"/,
  ],
  [
    'one line of two buses',
    'devices:',
    '  - { id: other, kind: modbus-rtu, path: /dev/ttyS1 }\ndevices:',
    /buses\[1\]\.path: gates is on this line already/,
  ],
  [
    'a user without a password',
    '    password: { file: west-password }\n',
    '',
    /:10: cameras\[0\]\.username: a user is named without a password; expected both or neither\. Add password/,
  ],
  [
    'a password without a user',
    '    username: viewer\n',
    '',
    /:10: cameras\[0\]\.password: a password is named without a user/,
  ],
  [
    'an arm without a loop',
    ', loop: 2',
    '',
    /devices\[0\]\.outputs\.close: it is never closed from here without a loop detector.*expected inputs\.loop/,
  ],
];
