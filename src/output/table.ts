// Plain text tables: columns separated by two spaces, numbers to the right, nothing beyond the page.

/** Texts are pasted into mails. */
export const PAGE_COLUMNS = 80;

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
  /** At least so wide, so that tables under each other line up. */
  readonly width?: number;
}

export const left = (title: string, width = 0): Column => ({ title, align: "left", width });
export const right = (title: string, width = 0): Column => ({ title, align: "right", width });

/** What a table holds, before it is laid out as text or HTML. */
export interface Cells {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines of a table without trailing blanks. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  gap = 2,
): string[] {
  const widths = columns.map(({ title, width = 0 }, i) =>
    rows.reduce((max, row) => Math.max(max, row[i]?.length ?? 0), Math.max(width, title.length)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? "";
        return align === "left" ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
      })
      .join(" ".repeat(gap))
      .trimEnd();
  const titled = columns.some(({ title }) => title !== "");
  const head = titled ? [line(columns.map(({ title }) => title))] : [];
  return [...head, ...rows.map(line)];
}

/** Breaks a paragraph at blanks; words longer than the page stand alone. */
export function wrap(text: string, columns = PAGE_COLUMNS, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > columns) {
      lines.push(indent + line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  if (line !== "") lines.push(indent + line);
  return lines;
}
