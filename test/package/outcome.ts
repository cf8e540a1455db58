// What the consumers answer: the index as text, then one entry a run.

export interface Outcome {
  readonly scenario: string;
  readonly strategy?: string;
  readonly digest: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** The index, and two scenarios: five strategies, and three at three tick phases each. */
export const OUTCOMES = 1 + 5 + 3 * 3;
