import type { Scenario } from './scene.ts';

/** The sites that are explored, small enough to be visited far and wide. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  barrier: {
    things: [{ id: 'arm', kind: 'barrier' }],
    commands: 2,
    actions: ['open', 'close', 'stop'],
    happenings: [
      'tick',
      'crash',
      'power *',
      'mute *',
      'vehicle *',
      'loop-fault *',
      'hand-close *',
      'hand-open *',
    ],
    pulse: 'board',
  },
  'barrier in a fire': {
    things: [{ id: 'arm', kind: 'barrier' }],
    commands: 2,
    actions: ['open', 'close'],
    happenings: ['tick', 'crash', 'power *', 'vehicle *', 'fire', 'reset'],
    pulse: 'board',
  },
  interlock: {
    things: [
      { id: 'outer', kind: 'door' },
      { id: 'inner', kind: 'door' },
    ],
    commands: 1,
    actions: ['open', 'hold-open'],
    happenings: ['tick', 'crash', 'power *', 'push *', 'force *', 'fire', 'reset'],
    pulse: 'board',
  },
  lease: {
    things: [{ id: 'door', kind: 'door' }],
    commands: 3,
    actions: ['open', 'hold-open', 'release'],
    happenings: ['tick', 'crash', 'power *', 'mute *', 'fire', 'reset'],
    pulse: 'box',
  },
  'an arm that comes down': {
    things: [{ id: 'arm', kind: 'barrier' }],
    commands: 1,
    actions: ['close'],
    happenings: ['tick', 'crash', 'mute *', 'vehicle *', 'loop-fault *', 'hand-open *'],
    start: ['hand-open arm', 'tick', 'tick', 'poll arm'],
    pulse: 'board',
  },
  'an arm that is sent to and fro': {
    things: [{ id: 'arm', kind: 'barrier' }],
    commands: 3,
    actions: ['open', 'close', 'stop'],
    happenings: ['tick', 'crash', 'mute *', 'vehicle *'],
    pulse: 'board',
  },
  'a barrier whose board answers with exceptions': {
    things: [{ id: 'arm', kind: 'barrier' }],
    commands: 2,
    actions: ['open', 'close'],
    happenings: ['tick', 'crash', 'refuse *', 'unsure *', 'vehicle *'],
    pulse: 'board',
  },
  'a lease whose board answers with exceptions': {
    things: [{ id: 'door', kind: 'door' }],
    commands: 3,
    actions: ['hold-open', 'release', 'open'],
    happenings: ['tick', 'crash', 'refuse *', 'unsure *'],
    pulse: 'box',
  },
  'one command after another': {
    things: [{ id: 'door', kind: 'door' }],
    commands: 3,
    actions: ['open'],
    happenings: ['tick', 'crash', 'push *'],
    pulse: 'board',
  },
  'a lease over a restart': {
    things: [{ id: 'door', kind: 'door' }],
    commands: 1,
    actions: ['hold-open'],
    happenings: ['tick', 'crash', 'mute *'],
    pulse: 'box',
  },
};
