// The page frames of one mm, and the gather of its teardown (mmu_gather).

import { FRAME_LIST_BYTES, FrameList } from "./runs";

//  0         4             8              12           16        20        21         24
//  ┌─────────┬─────────────┬──────────────┬────────────┬─────────┬─────────┬──────────┬──────────┐
//  │ entries │ pageEntries │ tableEntries │ batchPages │ zapLeft │ zapFile │ flushing │ callLeft │
//  └─────────┴─────────────┴──────────────┴────────────┴─────────┴─────────┴──────────┴──────────┘
//  28          32             36           40          48          56    64          72
//  ┌───────────┬──────────────┬────────────┬───────────┬───────────┬─────┬───────────┐
//  │ firstCall │ tablesQueued │ tablesDown │ lastBlock │ flushTime │ rss │ tablesEnd │
//  └───────────┴──────────────┴────────────┴───────────┴───────────┴─────┴───────────┘
//  72        80         88         92            96            100           104      108   112
//  ┌─────────┬──────────┬──────────┬─────────────┬─────────────┬─────────────┬────────┬─────┐
//  │ rssFile │ rssShmem │ hugeLeft │ hugeEntries │ fileEntries │ partEntries │ cutVma │ pad │
//  └─────────┴──────────┴──────────┴─────────────┴─────────────┴─────────────┴────────┴─────┘
//  112       120       128         136         140    144
//  ┌─────────┬─────────┬───────────┬───────────┬──────┐
//  │ anonEnd │ ceiling │ lastUpper │ anonFlags │ pad3 │
//  └─────────┴─────────┴───────────┴───────────┴──────┘
//  144     156      168       180
//  ┌───────┬────────┬─────────┬──────┐
//  │ pages │ tables │ batches │ huge │
//  └───────┴────────┴─────────┴──────┘
/** What the page room knows of an mm. */
@unmanaged
export class MmPages {
  /** Pages (and tables) queued in the round under way. */
  entries: u32;
  /** Of these, pages that their put frees; others map files or belong to the program. */
  pageEntries: u32;
  /** Of these, page tables. */
  tableEntries: u32;
  /** Gather pages allocated since the exit began; the on-stack bundle is not one. */
  batchPages: u32;
  /** Pages of the VMA in hand that are still to be unmapped. */
  zapLeft: u32;
  /** The VMA in hand maps files or shared memory. */
  zapFile: u8;
  /** The gather is being flushed. */
  flushing: u8;
  pad: u16;
  /** Entries left in the free call under way. */
  callLeft: u32;
  /** 1 while the next free call is that of the bundle. */
  firstCall: u32;
  /** Page tables that RCU has got and not freed yet. */
  tablesQueued: u32;
  /** Page tables that free_pgtables has taken down. */
  tablesDown: u32;
  /** Last 2 MiB block whose table was counted, plus 1. */
  lastBlock: u64;
  /** CPU time of the flush under way. */
  flushTime: u64;
  /** Resident pages, of all classes. */
  rss: u64;
  /** First 2 MiB block whose table free_pgtables leaves, because of what is mapped above. */
  tablesEnd: u64;
  /** Of these, pages of files and of shared memory (MM_FILEPAGES, MM_SHMEMPAGES). */
  rssFile: u64;
  rssShmem: u64;
  /** Huge pages of the VMA in hand that are still to be unmapped. */
  hugeLeft: u32;
  /** Of the entries, huge pages, and pages that the page cache keeps. */
  hugeEntries: u32;
  fileEntries: u32;
  /** And parts of cut huge pages others of whose pages are mapped. */
  partEntries: u32;
  /** The VMA in hand, while pages of cut huge pages are still to be unmapped. */
  cutVma: u32;
  pad2: u32;
  /** Where the last VMA ends whose anon_vma has been met in free_pgtables, and its flags. */
  anonEnd: u64;
  /** The first page mapped above what free_pgtables goes over. */
  ceiling: u64;
  /** Last 1 GiB block whose table was counted, plus 1. */
  lastUpper: u64;
  /** NO_ANON: no anon_vma waits for its last VMA. */
  anonFlags: u32;
  pad3: u32;
}

export const MM_PAGES_BYTES: u64 = 192;
const LISTS: usize = 144;

/** Frames of anonymous memory, in the order of their addresses. */
@inline
export function pagesOf(mm: MmPages): FrameList {
  return changetype<FrameList>(changetype<usize>(mm) + LISTS);
}

/** Frames of page tables. */
@inline
export function tablesOf(mm: MmPages): FrameList {
  return changetype<FrameList>(changetype<usize>(mm) + LISTS + <usize>FRAME_LIST_BYTES);
}

/** Frames of the gather's own pages. */
@inline
export function batchesOf(mm: MmPages): FrameList {
  return changetype<FrameList>(changetype<usize>(mm) + LISTS + 2 * <usize>FRAME_LIST_BYTES);
}

/** Blocks of its huge pages: frames >> 9. */
@inline
export function hugeOf(mm: MmPages): FrameList {
  return changetype<FrameList>(changetype<usize>(mm) + LISTS + 3 * <usize>FRAME_LIST_BYTES);
}
