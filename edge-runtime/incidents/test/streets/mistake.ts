/** A fault in the findings of a street. */
export interface Mistake {
  readonly what:
    | 'not due'
    | 'missed'
    | 'twice'
    | 'early'
    | 'late'
    | 'cleared early'
    | 'cleared late'
    | 'not cleared'
    | 'order'
    | 'prompt'
    | 'escalation';
  readonly text: string;
}
