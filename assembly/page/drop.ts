// Pages that leave an mm outside a teardown.
// [simplified: mm/vma.c:__split_vma: of a huge VMA a record says in 65,535ths of its length how
//  much is resident; what a split rounds off goes back at once and takes no time]

import { Vma } from "../vma/record";
import { cpuAt } from "../sched/cpu";
import { giveFrames } from "./gather";
import { pagesOf } from "./mm-pages";
import { Migrate } from "./pcp";
import { mapsFile, mapsShmem } from "./resident";
import { mmPages } from "./zap";

/** Gives back `pages` pages of the first mm that were those of `vma`. */
export function dropPages(cpu: u32, pages: u32, vma: Vma): void {
  const mm = mmPages(0);
  mm.rss -= <u64>pages;
  if (mapsShmem(vma)) mm.rssShmem -= <u64>pages;
  else if (mapsFile(vma)) mm.rssFile -= <u64>pages;
  if (!mapsFile(vma)) giveFrames(cpuAt(cpu), pagesOf(mm), pages, Migrate.MOVABLE);
}
