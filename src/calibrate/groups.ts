// Which costs the data can tell apart. Costs whose effects on all figures are alike become one group,
// which is scaled as a whole; costs with too little effect are kept.
//
// Columns of the design matrix are effects of a cost, doubled, on each figure, in standard errors of that
// figure. Pivoted Gram-Schmidt takes out the largest remaining column again and again: 1 / its remaining
// length is the standard error of that cost's factor once all taken before are free as well.

export interface CostGroup {
  /** The cost that leads: the largest effect of its own. */
  readonly lead: number;
  readonly members: readonly number[];
  /** Standard error of its factor, with the groups before it free. */
  readonly standard_error: number;
}

export interface Grouping {
  readonly groups: readonly CostGroup[];
  /** Costs whose effect is too small, or a mixture of groups: kept as they are. */
  readonly undetermined: readonly number[];
}

/** A factor with a larger standard error than this is not determined. */
const STANDARD_ERROR_MAX = 1;
/** Columns at a smaller angle than this one's cosine have effects alike. */
const COSINE_MIN = 0.97;

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const length = (a: readonly number[]): number => Math.sqrt(dot(a, a));

/** Groups the columns of a design matrix; indices are those of `columns`. */
export function groupCosts(columns: readonly (readonly number[])[]): Grouping {
  const rest = columns.map((column) => [...column]);
  const open = new Set(columns.keys());
  const leads: { lead: number; standard_error: number }[] = [];
  while (open.size > 0) {
    const lead = [...open].reduce((best, i) => (length(rest[i]!) > length(rest[best]!) ? i : best));
    const remaining = length(rest[lead]!);
    if (remaining * STANDARD_ERROR_MAX < 1) break;
    open.delete(lead);
    leads.push({ lead, standard_error: 1 / remaining });
    const unit = rest[lead]!.map((value) => value / remaining);
    for (const i of open) {
      const along = dot(rest[i]!, unit);
      rest[i] = rest[i]!.map((value, row) => value - along * unit[row]!);
    }
  }
  const members = new Map(leads.map(({ lead }) => [lead, [lead]]));
  const undetermined: number[] = [];
  for (const i of open) {
    const alike = leads
      .map(({ lead }) => {
        const lengths = length(columns[i]!) * length(columns[lead]!);
        return { lead, cosine: lengths === 0 ? 0 : dot(columns[i]!, columns[lead]!) / lengths };
      })
      .reduce((best, one) => (one.cosine > best.cosine ? one : best), { lead: -1, cosine: -1 });
    if (alike.cosine >= COSINE_MIN) members.get(alike.lead)!.push(i);
    else undetermined.push(i);
  }
  const groups = leads.map((lead) => ({ ...lead, members: members.get(lead.lead)! }));
  return { groups, undetermined };
}
