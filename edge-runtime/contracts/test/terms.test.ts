import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CameraConditionName,
  CameraStatus,
  CommandState,
  ConditionName,
  DeviceAction,
  DeviceCondition,
  DeviceState,
  EventClass,
  FalseAlarmReason,
  Handling,
  Incident,
  IncidentChange,
  IncidentKind,
  InputKind,
  InputState,
  languages,
  ObjectClass,
  Role,
  SensorValue,
  type TermGroup,
  term,
  terms,
  UplinkStatus,
} from '@gatehouse/contracts';

const priorities = [1, 2, 3].map(String);
/** Every closed list of the contracts that has words. */
const lists: readonly (readonly [TermGroup, readonly string[]])[] = [
  ['kind', IncidentKind.options],
  ['priority', priorities],
  ['change', IncidentChange.shape.change.options],
  ['handling', Handling.shape.state.options],
  ['false-alarm-reason', FalseAlarmReason.options],
  ['role', Role.options],
  ['class', ObjectClass.options],
  ['condition', [...ConditionName.options, ...CameraConditionName.options]],
  ['signal', InputKind.options],
  ['action', DeviceAction.options],
  ['position', DeviceState.shape.position.options],
  ['device-condition', DeviceCondition.options],
  ['command', CommandState.options],
  ['input-state', InputState.shape.state.options],
  ['sensor-state', SensorValue.shape.state.options],
  ['camera-state', CameraStatus.shape.state.options],
  ['link-state', UplinkStatus.shape.state.options],
  ['event-class', EventClass.options],
];
/**
 * Further words of a list here: words that the console makes of several codes, and names that a profile gives
 * to its values.
 */
const more: Partial<Record<TermGroup, readonly string[]>> = {
  condition: [
    ...['temperature', 'humidity', 'water'],
    ...['temperature-measured', 'humidity-measured', 'water-measured'],
  ],
  'camera-state': ['unknown'],
  'link-state': ['unknown'],
};
/** Groups that are no list of the contracts. */
const ofTheConsole: readonly TermGroup[] = ['situation', 'interlock-state', 'unit'];

describe('the words for codes', () => {
  it('are there for every code, in both languages, and for no other', () => {
    for (const language of languages)
      for (const [group, codes] of lists) {
        const wanted = new Set([...codes, ...(more[group] ?? [])]);
        assert.deepEqual(Object.keys(terms[language][group]).toSorted(), [...wanted].toSorted(), group);
      }
  });

  it('have a list behind each group', () => {
    for (const language of languages)
      assert.deepEqual(
        Object.keys(terms[language]).toSorted(),
        [...lists.map(([group]) => group), ...ofTheConsole].toSorted(),
      );
    for (const group of ofTheConsole)
      assert.deepEqual(Object.keys(terms.en[group]), Object.keys(terms['zh-CN'][group]));
  });

  it('name a code differently from its siblings', () => {
    for (const language of languages)
      for (const group of [
        'kind',
        'priority',
        'handling',
        'role',
        'action',
        'command',
        'event-class',
      ] as const) {
        const words = Object.values(terms[language][group]);
        assert.equal(new Set(words).size, words.length, `${language} ${group}`);
      }
  });

  it('fit beside an icon on a phone', () => {
    const tags: readonly TermGroup[] = [
      'kind',
      'priority',
      'handling',
      'situation',
      'device-condition',
      'role',
    ];
    for (const group of tags) {
      const over = (language: 'zh-CN' | 'en', most: number) =>
        Object.values(terms[language][group]).filter((word) => word.length > most);
      assert.deepEqual([...over('zh-CN', 7), ...over('en', 22)], [], group);
    }
  });

  it('are found by group and code, and a code of a newer box stands for itself', () => {
    assert.equal(term('zh-CN', 'kind', 'door-held-open'), '门超时未关');
    assert.equal(term('en', 'priority', 1), 'Urgent');
    assert.equal(term('en', 'kind', 'flying-saucer'), 'flying-saucer');
    assert.equal(term('en', 'kind', 'constructor'), 'constructor');
  });

  it('say nothing of a priority that an incident cannot have', () => {
    for (const priority of priorities) assert.ok(Incident.shape.priority.safeParse(Number(priority)).success);
    assert.equal(Incident.shape.priority.safeParse(4).success, false);
  });
});
