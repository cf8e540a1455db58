// A calibration in plain text: what was fitted, how well, and what the data cannot tell.

import type { Calibration } from "../calibrate/calibrate.ts";
import type { CalibrationData } from "../calibrate/inputs/read.ts";
import type { LeftOut } from "../calibrate/leave-out.ts";
import type { LeaveOutKey, SlabFacts } from "../calibrate/observation.ts";
import { levelFactor } from "../profile/effective.ts";
import { quantile } from "../stats/quantiles.ts";
import { grouped, percent, plural } from "./format.ts";
import { type Column, left, right, table, wrap } from "./table.ts";

const share = (ratio: number): string => percent(Math.abs(ratio)).slice(1);

const RESIDUALS: readonly Column[] = [
  left("  figure", 40),
  right("measured ns", 13),
  right("fitted ns", 13),
  right("error"),
];

/** Costs with their factors; the names of a group go on below each other. */
function groupText({ groups }: Calibration): string[] {
  return groups.flatMap(({ costs, factor, standard_error }) => {
    const head = `  x ${factor.toFixed(3)} +- ${share(standard_error)}`.padEnd(22);
    return wrap(costs.join(", "), 56).map((line, i) => (i === 0 ? head : " ".repeat(22)) + line);
  });
}

function residualText({ residuals }: Calibration): string[] {
  const worst_first = residuals.toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error));
  const shown = worst_first.slice(0, 20);
  const lines = shown.map(({ source, metric, measured_ns, predicted_ns, error }) => [
    `  ${source.split("/").at(-1)} ${metric}`,
    grouped(measured_ns),
    grouped(predicted_ns),
    percent(error),
  ]);
  const more = residuals.length - shown.length;
  return [
    ...table(RESIDUALS, lines),
    ...(more > 0 ? [`  and ${plural(more, "figure")} nearer`] : []),
  ];
}

function slabText(slabs: readonly SlabFacts[]): string[] {
  if (slabs.length === 0) return [];
  const lines = slabs.map(
    ({ cache, object_bytes, objects_per_slab, pages_per_slab, ...counts }) => {
      const geometry = `${object_bytes} B, ${objects_per_slab} in ${plural(pages_per_slab, "page")}`;
      const grown = grouped(counts.after - counts.before);
      return `  ${cache}: ${geometry}; ${grown} objects more after than before`;
    },
  );
  return ["Slabs of this kernel (machine.slab of a scenario):", ...lines, ""];
}

function unusedText({ unused }: CalibrationData): string[] {
  if (unused.length === 0) return [];
  return [
    "Not used:",
    ...unused.flatMap(({ file, reason, rows }) =>
      wrap(`${file}: ${plural(rows, "row")}: ${reason}`, 78, "  "),
    ),
    "",
  ];
}

/** With no more figures than factors a fit is exact, whatever it is worth. */
function fewText({ common_factor, groups, caches, residuals }: Calibration): string[] {
  const common = common_factor === 1 ? 0 : 1;
  const factors = common + groups.length + caches.vmas.length * (1 + caches.groups.length);
  if (residuals.length > factors) return [];
  const what = `Only ${plural(residuals.length, "figure")} for ${plural(factors, "factor")}: that they are met says nothing. Measure more sizes, exits and munmaps, touched and not.`;
  return ["", ...wrap(what)];
}

/** Where costs are others for large address spaces, and by how much. */
function sizesText({ caches, groups, profile }: Calibration): string[] {
  return caches.vmas.flatMap((vmas, cache) => {
    const changes = caches.groups.map((group) => {
      const [lead] = groups[group]!.costs;
      return `x ${levelFactor(profile.costs[lead!]!, cache).toFixed(2)} those of ${lead}`;
    });
    return wrap(`Beyond about ${grouped(vmas)} VMAs: ${changes.join(", ")}`, 78, "  ");
  });
}

/** The whole text, with a newline at its end. */
export function calibrateText(
  calibration: Calibration,
  data: CalibrationData,
  base: string,
  written: string | undefined,
): string {
  const { common_factor, groups, kept, untouched, residuals, determination } = calibration;
  const errors = residuals.map(({ error }) => Math.abs(error));
  const { rank, condition } = determination;
  const ratio = Number.isFinite(condition) ? `condition ${grouped(condition)}` : "singular";
  const summary =
    errors.length === 0
      ? "No figure to fit to."
      : `${plural(errors.length, "figure")}: median residual ${share(quantile(errors, 0.5))}, worst ${share(quantile(errors, 1))}.`;
  const lines = [
    ...wrap(`Fitted to ${base}: ${plural(groups.length, "group")} of costs. ${summary}`),
    ...fewText(calibration),
    "",
    ...(common_factor === 1
      ? []
      : [`All costs x ${common_factor.toFixed(4)} first: another clock than the base's.`, ""]),
    "Factor, its standard error, costs scaled by it (together where alike in effect):",
    ...groupText(calibration),
    ...sizesText(calibration),
    "",
    `Undetermined, hence kept (rank ${rank}, ${ratio}):`,
    ...wrap(kept.length === 0 ? "none" : kept.join(", "), 78, "  "),
    ...wrap(`${plural(untouched.length, "cost")} that play no part in these figures.`, 78, "  "),
    "",
    "Residuals, worst first:",
    ...residualText(calibration),
    "",
    ...slabText(data.slabs),
    ...unusedText(data),
    ...(written === undefined ? [] : [`Profile written to ${written}`]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

const LEFT_OUT: readonly Column[] = [
  left("  left out", 16),
  right("figures", 8),
  right("median", 9),
  right("worst", 9),
  left("which"),
];

/** Predictions of what was left out of the fit. */
export function leaveOneOutText(key: LeaveOutKey, reports: readonly LeftOut[]): string {
  const lines = reports.map(({ value, figures, median, worst, worst_source, worst_metric }) => [
    `  ${value}`,
    grouped(figures),
    share(median),
    share(worst),
    `${worst_metric} ${worst_source.split("/").at(-1)}`,
  ]);
  return `${[
    `Fitted without the figures of each ${key} in turn, which are then predicted:`,
    ...table(LEFT_OUT, lines),
  ].join("\n")}\n`;
}
