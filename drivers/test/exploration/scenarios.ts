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
  'a gate with one button': {
    things: [{ id: 'gate', kind: 'gate' }],
    commands: 2,
    actions: ['open'],
    happenings: ['tick', 'crash', 'power *', 'mute *', 'hand-step *', 'vehicle *', 'fire', 'reset'],
    pulse: 'board',
  },
  'a gate with one button that stands open': {
    things: [{ id: 'gate', kind: 'gate' }],
    commands: 1,
    actions: ['open'],
    happenings: ['tick', 'crash', 'vehicle *', 'hand-step *'],
    start: ['hand-step gate', 'tick', 'tick', 'poll gate'],
    pulse: 'board',
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
