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
export const STANDARD_ERROR_MAX = 0.5;
/**
 * Small costs that are alike are told together up to this one, if what they do is for the most part not done by
 * others as well: another machine may have them at many times the base's (a sleeping parent that is woken).
 */
const TOGETHER_ERROR_MAX = 2;
const TOGETHER_SHARE_MIN = 0.5;
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

/** What is left of a column once all that these directions explain is taken away. */
function beyond(column: readonly number[], units: readonly (readonly number[])[]): number[] {
  return units.reduce<number[]>(
    (rest, unit) => {
      const along = dot(rest, unit);
      return rest.map((value, row) => value - along * unit[row]!);
    },
    [...column],
  );
}

/** Groups the columns of a design matrix; indices are those of `columns`. */
export function groupCosts(columns: readonly (readonly number[])[]): Grouping {
  const rest = columns.map((column) => [...column]);
  const open = new Set(columns.keys());
  const leads = new Map<number, readonly number[]>();
  const groups = new Map<number, { members: number[]; standard_error: number }>();
  const units: number[][] = [];
  /** Begins a group, with what remains of its effect. */
  const begin = (lead: number, members: number[], remains: readonly number[]): void => {
    const remaining = length(remains);
    for (const member of members) open.delete(member);
    leads.set(lead, columns[lead]!);
    groups.set(lead, { members, standard_error: 1 / remaining });
    units.push(remains.map((value) => value / remaining));
  };
  while (open.size > 0) {
    const next = [...open].reduce((best, i) => (length(rest[i]!) > length(rest[best]!) ? i : best));
    if (length(rest[next]!) * STANDARD_ERROR_MAX < 1) break;
    // Small angles are within what the model gets wrong, however exact the figures are.
    const alike = nearestOf(columns[next]!, leads);
    if (alike.cosine >= COSINE_MIN) {
      open.delete(next);
      groups.get(alike.lead)!.members.push(next);
      continue;
    }
    begin(next, [next], rest[next]!);
    for (const i of open) rest[i] = beyond(rest[i]!, units.slice(-1));
  }
  for (const i of [...open]) {
    const alike = nearestOf(columns[i]!, leads);
    if (alike.cosine < COSINE_MIN) continue;
    open.delete(i);
    groups.get(alike.lead)!.members.push(i);
  }
  // None of what is left can be told alone, but many small costs that are alike may be together.
  for (const lead of [...open].sort((a, b) => length(columns[b]!) - length(columns[a]!))) {
    if (!open.has(lead)) continue;
    const own = new Map([[lead, columns[lead]!]]);
    const members = [...open].filter((i) => nearestOf(columns[i]!, own).cosine >= COSINE_MIN);
    const together = columns[lead]!.map((_, row) =>
      members.reduce((sum, i) => sum + columns[i]![row]!, 0),
    );
    const remains = beyond(together, units);
    const remaining = length(remains);
    if (remaining * TOGETHER_ERROR_MAX < 1) continue;
    if (remaining >= length(together) * TOGETHER_SHARE_MIN) begin(lead, members, remains);
  }
  return {
    groups: [...groups].map(([lead, group]) => ({ lead, ...group })),
    undetermined: [...open],
  };
}
