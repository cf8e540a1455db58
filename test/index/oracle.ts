// What the index must answer, from a sorted array of ranges and nothing else.

export const LAST = 2 ** 52 - 1;

export interface Range {
  first: number;
  last: number;
  value: number;
}

export class RangeOracle {
  ranges: Range[] = [];

  store(first: number, last: number, value: number): void {
    const kept: Range[] = [];
    for (const range of this.ranges) {
      if (range.last < first || range.first > last) kept.push(range);
      if (range.first < first && range.last >= first) kept.push({ ...range, last: first - 1 });
      if (range.last > last && range.first <= last) kept.push({ ...range, first: last + 1 });
    }
    if (value !== 0) kept.push({ first, last, value });
    this.ranges = kept.sort((a, b) => a.first - b.first);
  }

  insert(first: number, last: number, value: number): number {
    if (this.ranges.some((range) => range.first <= last && range.last >= first)) return -17;
    this.store(first, last, value);
    return 0;
  }

  erase(page: number): number {
    const value = this.load(page);
    this.ranges = this.ranges.filter((range) => page < range.first || page > range.last);
    return value;
  }

  load(page: number): number {
    return this.ranges.find((range) => range.first <= page && page <= range.last)?.value ?? 0;
  }

  find(first: number, last: number): Range | undefined {
    const found = this.ranges.find((range) => range.last >= first);
    return found !== undefined && found.first <= last ? found : undefined;
  }

  findBelow(page: number, lowest: number): Range | undefined {
    const found = this.ranges.findLast((range) => range.first <= page);
    return found !== undefined && found.last >= lowest ? found : undefined;
  }

  /** Empty runs in order. */
  gaps(): { first: number; last: number }[] {
    const gaps: { first: number; last: number }[] = [];
    let next = 0;
    for (const range of [...this.ranges, { first: LAST + 1, last: LAST + 1 }]) {
      if (range.first > next) gaps.push({ first: next, last: range.first - 1 });
      next = range.last + 1;
    }
    return gaps;
  }

  emptyArea(low: number, high: number, pages: number, align = 1): number {
    if (pages === 0 || low > high || high - low < pages - 1) return -22;
    for (const gap of this.gaps()) {
      const start = Math.ceil(Math.max(gap.first, low) / align) * align;
      if (start + pages - 1 <= Math.min(gap.last, high)) return start;
    }
    return -16;
  }

  emptyAreaRev(low: number, high: number, pages: number, align = 1): number {
    if (pages === 0 || low > high || high - low < pages - 1) return -22;
    for (const gap of this.gaps().reverse()) {
      const start = Math.floor((Math.min(gap.last, high) - pages + 1) / align) * align;
      if (start >= Math.max(gap.first, low)) return start;
    }
    return -16;
  }
}
