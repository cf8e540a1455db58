// What the consumers answer for every run.

export interface Outcome {
  readonly scenario: string;
  readonly strategy: string;
  readonly digest: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Two scenarios: five strategies, and three at three tick phases each. */
export const OUTCOMES = 5 + 3 * 3;
