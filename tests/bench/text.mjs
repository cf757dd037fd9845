// Figures as text.

/** The value below or at which the share `q` of the values lies: one that was measured, none in between. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

export const median = (values) => quantile(values, 0.5);

/** Three significant figures, but no exponent and no digits after a whole thousand. */
export function figure(value) {
  if (typeof value !== "number") return value ?? "";
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 3));
}

/** A table of plain text. Columns whose cells are all figures stand to the right. */
export function table(head, rows) {
  const text = rows.map((row) => row.map(figure));
  const widths = head.map((title, at) => Math.max(title.length, ...text.map((row) => row[at].length)));
  const isRight = head.map((_, at) => rows.some((row) => typeof row[at] === "number"));
  const line = (cells) =>
    cells.map((cell, at) => (isRight[at] ? cell.padStart(widths[at]) : cell.padEnd(widths[at]))).join("  ").trimEnd() + "\n";
  return [head, ...text].map(line).join("");
}
