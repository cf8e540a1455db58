// Are the policies of a strategy any? Scenarios are checked before; callers of the library may have got
// them wrong.

import { BATCH_MAX } from "../api/policy.ts";
import type { DrainRule, FreePolicy, Strategy } from "../api/types.ts";
import { check, checkMember, checkSwitch, isObject, refuse } from "./check.ts";

const JIFFIES_MAX = 2_147_483_647;

const COLLECTS: readonly FreePolicy["collect"][] = [
  "none",
  "mm-list",
  "private-list",
  "bulk",
  "sheaf",
];
const RELEASES: readonly FreePolicy["release"][] = ["direct", "call-rcu", "typesafe"];
const WHENS: readonly DrainRule["when"][] = ["end", "size-over", "interval"];

/** Throws InputError. */
export function checkStrategy({ exit, munmap }: Strategy): void {
  checkPolicy("exit", exit);
  if (munmap !== undefined) checkPolicy("munmap", munmap);
}

function checkPolicy(path: string, policy: FreePolicy): void {
  if (!isObject(policy)) refuse(`policy of ${path}`, policy, "an object: see FreePolicy");
  checkMember(`collect of ${path}`, policy.collect, COLLECTS);
  checkMember(`release of ${path}`, policy.release, RELEASES);
  const { drain } = policy;
  if (!isObject(drain)) refuse(`drain of ${path}`, drain, "a rule: see DrainRule");
  checkMember(`when of a drain rule of ${path}`, drain.when, WHENS);
  if (drain.when === "size-over") check("vmas of a drain rule", drain.vmas, 0, BATCH_MAX);
  if (drain.when === "interval") {
    check("jiffies of a drain rule", drain.jiffies, 0, JIFFIES_MAX);
    checkSwitch("timer of a drain rule", drain.timer);
  }
  checkSwitch("shrinker of a drain rule", drain.shrinker);
  if (drain.shrinker !== true || policy.collect === "mm-list") return;
  refuse("shrinker of a drain rule", true, "none but that of collect: mm-list");
}
