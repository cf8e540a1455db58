import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.ts";
import { fieldPlace, parseTable } from "../../src/validate/table.ts";
import { planValidation } from "../../src/validate/validate.ts";
import { csv, HEADER } from "./rows.ts";

function messageOf(text: string): string {
  try {
    planValidation([parseTable(text, "rows.csv")], {
      profile: () => undefined,
      phases: 1,
      tolerance: 0,
      plan: () => {},
    });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  return "accepted";
}

describe("measured rows", () => {
  it("are read with their lines; comments and unknown columns are skipped", () => {
    const text = `# from a machine\n${csv({ id: "x" }, { id: "", n: 7, ncall_rcu: "" })}`;
    const extra = text.replaceAll("\n", ",weather\n").replace("# from a machine,weather", "# c");
    const rows = parseTable(extra, "rows.csv").records;
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ line: 3, id: "x" });
    expect([rows[0]!.needed("n"), rows[0]!.figure("ncall_rcu")]).toEqual([100, 111]);
    expect(rows[1]).toMatchObject({ line: 4, id: "row 2" });
    expect([rows[1]!.needed("n"), rows[1]!.figure("ncall_rcu")]).toEqual([7, undefined]);
  });

  it("may be quoted, with Windows line ends and a byte order mark", () => {
    const text = `\ufeff${csv({ extra_cmdline: '"quiet"' }).replaceAll("\n", "\r\n")}`;
    expect(parseTable(text, "rows.csv").records[0]!.word("extra_cmdline")).toBe("quiet");
  });

  it("know where a field begins", () => {
    expect(fieldPlace("a,b,c\n", 0, 7)).toEqual({ line: 7, column: 1 });
    expect(fieldPlace("a,b,c\r", 2, 7)).toEqual({ line: 7, column: 5 });
    expect(fieldPlace('"a,b",c\n', 1, 7)).toEqual({ line: 7, column: 7 });
    expect(fieldPlace("# a, comment\n\na,b\n", 1, 7)).toEqual({ line: 7, column: 3 });
    expect(fieldPlace('"two\nlines",b,c\n', 2, 7)).toEqual({ line: 7, column: 10 });
    expect(fieldPlace('a,"two\nlines"\n', 1, 7)).toEqual({ line: 6, column: 3 });
  });

  it.each([
    ["an empty file", "", "rows.csv:1:1: empty CSV file"],
    [
      "a missing column",
      csv({}).replace("populate", "populated"),
      "rows.csv:1:1: missing column populate of exit rows (is it `populated`?)",
    ],
    [
      "several missing columns",
      "id,n,exit_total_ns\na,1,2\n",
      "rows.csv:1:1: missing columns kernel, strategy, batch_max, nocb, op, create, populate, accel, cpus, blimit, qhimark, extra_cmdline, flags, concurrent of exit rows",
    ],
    [
      "a missing column under comments",
      `# from a machine\n\n${csv({}).replace("populate", "populated")}`,
      "rows.csv:3:1: missing column populate of exit rows (is it `populated`?)",
    ],
    ["a column twice", csv({}).replace("ncall_rcu", "n"), 'rows.csv:1:1: column "n" occurs twice'],
    [
      "no figure at all",
      csv({}).replace("exit_total_ns,ncall_rcu,dead_peak,rcu_cbs_in_exit", "w1,w2,w3,w4"),
      "rows.csv:1:1: no column with a measured figure: expected at least one of ncall_rcu, exit_total_ns, unmap_vmas_ns, ...",
    ],
    [
      "a word where a count is needed",
      csv({ n: "many" }),
      'rows.csv:2:13: bad figure in column n: found "many", expected a whole number or nothing',
    ],
    [
      "nothing where a count is needed",
      csv({}, { n: "" }),
      "rows.csv:3:13: no figure in column n: found nothing, expected a whole number, not negative",
    ],
    [
      "a negative count",
      csv({ cpus: -1 }),
      "rows.csv:2:44: no figure in column cpus: found -1, expected a whole number, not negative",
    ],
    [
      "a figure with a fraction",
      csv({ exit_total_ns: "1e6" }),
      'rows.csv:2:60: bad figure in column exit_total_ns: found "1e6", expected a whole number or nothing',
    ],
    [
      "a figure that overflows",
      csv({ dead_peak: "99999999999999999999" }),
      'rows.csv:2:71: bad figure in column dead_peak: found "99999999999999999999", expected a whole number or nothing',
    ],
    [
      "a row that is too short",
      `${HEADER}\na,6.12\n`,
      "rows.csv:2:1: not CSV: Invalid Record Length: columns length is 20, got 2 on line 2",
    ],
    [
      "what steers a terminal",
      csv({}, { id: "\u001b[31m" }),
      'rows.csv:3:1: a control character: found "\\u001b", expected text',
    ],
    [
      "semicolons between columns",
      csv({}).replaceAll(",", ";"),
      'rows.csv:1:1: one column: found "id;kernel;strategy;batch_max;n;nocb;o...", expected several, separated by commas (here they are separated by ";")',
    ],
    [
      "tabs between columns",
      csv({}).replaceAll(",", "\t"),
      /^rows\.csv:1:1: one column: found "id\\tkernel\\t.*here they are separated by "\\t"\)$/,
    ],
    [
      "a quote that is not closed",
      `${HEADER}\n"a,6.12\n`,
      "rows.csv:2:1: not CSV: Quote Not Closed: the parsing is finished with an opening quote at line 2",
    ],
  ])("with %s are refused in one line", (_what, text, says) => {
    if (typeof says === "string") expect(messageOf(text)).toBe(says);
    else expect(messageOf(text)).toMatch(says);
  });
});
