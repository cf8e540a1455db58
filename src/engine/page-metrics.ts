// What the engine counted of pages.

import { Config } from "../../assembly/abi/config.ts";
import { PAGE_STATS_FIRST, PageStat } from "../../assembly/abi/page.ts";
import type { PageMetrics } from "../api/types.ts";
import type { EngineMemory } from "./abi.ts";

const PS_PER_NS = 1000n;

/** The page figures of a run; undefined where it had no page frames. */
export function readPages(memory: EngineMemory): PageMetrics | undefined {
  const zones =
    memory.readConfig(Config.ZONE_DMA32_PAGES) + memory.readConfig(Config.ZONE_NORMAL_PAGES);
  if (zones === 0n) return undefined;
  const raw = (stat: PageStat) => memory.workloadMetric(PAGE_STATS_FIRST + stat);
  const count = (stat: PageStat) => Number(raw(stat));
  const ns = (stat: PageStat) => Number(raw(stat) / PS_PER_NS);
  return {
    page_freeing_ns: ns(PageStat.PAGE_FREEING),
    gather_flushes: count(PageStat.GATHER_FLUSHES),
    gather_flush_max_ns: ns(PageStat.GATHER_FLUSH_MAX),
    gather_entries: count(PageStat.GATHER_ENTRIES),
    free_calls: count(PageStat.FREE_CALLS),
    pages_freed: count(PageStat.FREED),
    pages_allocated: count(PageStat.ALLOCATED),
    zone_lock_holds_bulk: count(PageStat.BULK_HOLDS),
    pages_returned_to_buddy: count(PageStat.BULK_PAGES),
    pages_per_zone_lock_hold_max: count(PageStat.BULK_PAGES_MAX),
    zone_lock_hold_ns_sum: ns(PageStat.BULK_HOLD),
    zone_lock_hold_ns_max: ns(PageStat.BULK_HOLD_MAX),
    zone_lock_wait_ns_sum: ns(PageStat.LOCK_WAIT),
    zone_lock_wait_ns_max: ns(PageStat.LOCK_WAIT_MAX),
    decay_holds: count(PageStat.DECAY_HOLDS),
    decay_pages: count(PageStat.DECAY_PAGES),
    page_tables_by_rcu: count(PageStat.TABLES_BY_RCU),
    rss_anon_pages: count(PageStat.RSS_ANON),
    rss_file_pages: count(PageStat.RSS_FILE),
    rss_shmem_pages: count(PageStat.RSS_SHMEM),
    rss_huge_pages: count(PageStat.RSS_HUGE),
    huge_freed: count(PageStat.HUGE_FREED),
    left_to_page_cache: count(PageStat.LEFT_TO_CACHE),
    thp_split_pmd: count(PageStat.SPLIT_PMD),
    thp_deferred_split_page: count(PageStat.DEFERRED_SPLIT),
    thp_split_page: count(PageStat.SPLIT_FOLIO),
    thp_deferred_pages_max: count(PageStat.DEFERRED_PAGES_MAX),
    kfreepcp_rounds: count(PageStat.KFREEPCP_RUNS),
    kfreepcp_first_ns: ns(PageStat.KFREEPCP_FIRST),
    kfreepcp_cancelled: count(PageStat.KFREEPCP_CANCELLED),
    kfreepcp_lost: count(PageStat.KFREEPCP_LOST),
    pages_on_lists: count(PageStat.ON_LISTS),
    pages_free: count(PageStat.FREE),
  };
}
