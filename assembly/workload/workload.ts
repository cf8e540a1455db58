// What a run does, by Config.WORKLOAD: how it begins, how far it is, what must hold at its end.
// Each workload has a file of its own here; this one only chooses.

import { Config, Workload } from "../abi/config";
import { Metric } from "../abi/metric";
import { config, metric } from "../memory/slots";
import { finishMm, startMm } from "../mm/machine";
import {
  checkExit,
  exitIsOver,
  finishExitRun,
  noteExitProgress,
  startExit,
  startMunmap,
} from "./exit";
import { checkExits, exitsAreOver, finishExits, noteExitsProgress, startExits } from "./exits";
import { finishFlood, startFlood } from "./rcu-flood";
import { finishPost, notePostProgress, postIsOver, startPost } from "./rcu-post";
import { testsAreOver } from "../vmap/finish";
import { checkVmalloc, finishVmalloc, startVmalloc } from "./vmalloc";

/** The machine is built and loaded: places the tasks that run at time 0. */
export function startWorkload(): void {
  switch (<u32>config(Config.WORKLOAD)) {
    case Workload.EXIT: startExit(); break;
    case Workload.MUNMAP: startMunmap(); break;
    case Workload.RCU_FLOOD: startFlood(); break;
    case Workload.RCU_POST: startPost(); break;
    case Workload.VMALLOC: startVmalloc(); break;
    case Workload.MM: startMm(); break;
    case Workload.EXITS: startExits(); break;
    default: assert(false); // the host writes only what this build knows
  }
}

/** Brings Metric.PROGRESS up to date; called between slices of the run. */
export function noteProgress(): void {
  switch (<u32>config(Config.WORKLOAD)) {
    case Workload.EXIT:
    case Workload.MUNMAP: noteExitProgress(); break;
    case Workload.RCU_POST: notePostProgress(); break;
    case Workload.EXITS: noteExitsProgress(); break;
    default: break; // it counts as it goes
  }
}

/** Is everything done that the run is about, so that bystanders may end? */
export function workloadOver(): bool {
  switch (<u32>config(Config.WORKLOAD)) {
    case Workload.EXIT:
    case Workload.MUNMAP: return exitIsOver();
    case Workload.RCU_POST: return postIsOver();
    case Workload.EXITS: return exitsAreOver();
    case Workload.VMALLOC: return testsAreOver();
    default: return metric(Metric.PROGRESS) >= metric(Metric.PROGRESS_TOTAL);
  }
}

/** Nothing is left to happen: checks the workload's own laws and reads out its last figures. */
export function finishWorkload(): void {
  switch (<u32>config(Config.WORKLOAD)) {
    case Workload.EXIT:
    case Workload.MUNMAP:
      checkExit();
      finishExitRun();
      break;
    case Workload.RCU_FLOOD: finishFlood(); break;
    case Workload.RCU_POST: finishPost(); break;
    case Workload.VMALLOC:
      checkVmalloc();
      finishVmalloc();
      break;
    case Workload.MM: finishMm(); break;
    case Workload.EXITS:
      checkExits();
      finishExits();
      break;
    default: assert(false); // see startWorkload
  }
}
