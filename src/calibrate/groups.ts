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
const STANDARD_ERROR_MAX = 0.5;
/** Columns at a smaller angle than this one's cosine have effects alike. */
const COSINE_MIN = 0.97;

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const length = (a: readonly number[]): number => Math.sqrt(dot(a, a));

/** The one of these columns to which another is most alike. */
function nearestOf(column: readonly number[], candidates: ReadonlyMap<number, readonly number[]>) {
  const cosineTo = (lead: readonly number[]) => {
    const lengths = length(column) * length(lead);
    return lengths === 0 ? 0 : dot(column, lead) / lengths;
  };
  return [...candidates].reduce(
    (best, [lead, other]) => {
      const cosine = cosineTo(other);
      return cosine > best.cosine ? { lead, cosine } : best;
    },
    { lead: -1, cosine: -1 },
  );
}

/** Groups the columns of a design matrix; indices are those of `columns`. */
export function groupCosts(columns: readonly (readonly number[])[]): Grouping {
  const rest = columns.map((column) => [...column]);
  const open = new Set(columns.keys());
  const leads = new Map<number, readonly number[]>();
  const groups = new Map<number, { members: number[]; standard_error: number }>();
  while (open.size > 0) {
    const next = [...open].reduce((best, i) => (length(rest[i]!) > length(rest[best]!) ? i : best));
    const remaining = length(rest[next]!);
    if (remaining * STANDARD_ERROR_MAX < 1) break;
    open.delete(next);
    // Small angles are within what the model gets wrong, however exact the figures are.
    const alike = nearestOf(columns[next]!, leads);
    if (alike.cosine >= COSINE_MIN) {
      groups.get(alike.lead)!.members.push(next);
      continue;
    }
    leads.set(next, columns[next]!);
    groups.set(next, { members: [next], standard_error: 1 / remaining });
    const unit = rest[next]!.map((value) => value / remaining);
    for (const i of open) {
      const along = dot(rest[i]!, unit);
      rest[i] = rest[i]!.map((value, row) => value - along * unit[row]!);
    }
  }
  const undetermined: number[] = [];
  for (const i of open) {
    const alike = nearestOf(columns[i]!, leads);
    if (alike.cosine >= COSINE_MIN) groups.get(alike.lead)!.members.push(i);
    else undetermined.push(i);
  }
  return { groups: [...groups].map(([lead, group]) => ({ lead, ...group })), undetermined };
}
