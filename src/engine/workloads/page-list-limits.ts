// How many free pages a CPU's list may hold.

import type { VmallocWorkload } from "../../api/vmalloc.ts";

const KIB_PER_PAGE = 4;
/** pcp->batch of a zone of 1 GiB and more. */
const BATCH = 63;
/** MIN_PERCPU_PAGELIST_HIGH_FRACTION */
const HIGH_FRACTION = 8;

export interface PageListLimits {
  readonly high_min_pages: number;
  readonly high_max_pages: number;
}

/**
 * [same: mm/page_alloc.c:zone_highsize, calculate_min_free_kbytes, __setup_per_zone_wmarks, 6.12 and
 *  7.2: at least the zone's low watermark, at most an eighth of the zone, shared by all CPUs;
 *  simplified: all memory is in zones that count for the watermarks]
 */
export function pageListLimits(workload: VmallocWorkload, cpus: number): PageListLimits {
  const zone = workload.zone_pages ?? workload.memory_pages;
  const memory = Math.max(workload.memory_pages, zone);
  const min_free_kib = Math.floor(Math.sqrt(memory * KIB_PER_PAGE * 16));
  const min = Math.floor(((min_free_kib / KIB_PER_PAGE) * zone) / memory);
  const low = min + Math.max(Math.floor(min / 4), Math.floor(zone / 1000));
  const share = (pages: number) => Math.max(Math.floor(pages / cpus), BATCH * 4);
  const high_min_pages = share(low);
  return { high_min_pages, high_max_pages: Math.max(high_min_pages, share(zone / HIGH_FRACTION)) };
}
