// Colours of the page's style by name. Strategies have one family and the parts of a bar another, so that no part is
// taken for a strategy.

const STRATEGIES = 10;
const PARTS = 6;

export const strategyColour = (at: number): string => `var(--s${at % STRATEGIES})`;
export const partColour = (at: number): string => `var(--p${at % PARTS})`;

/** Where colours come round again lines are dashed, otherwise each time. */
export function strategyDash(at: number): number[] {
  const round = Math.floor(at / STRATEGIES);
  return round === 0 ? [] : [6, 2 + 2 * round];
}
