/**
 * A plain table for a terminal: columns as wide as their cells, cut to the width there is. What it prints comes from
 * web pages, so control characters (which could drive the terminal) are never passed on.
 */
export interface TableColumn {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly isNumber: boolean;
}

export type Cells = readonly string[];

const gap = '  ';
const narrowestCut = 6;
/** A cell is cut here even where there is no terminal; JSON has everything. */
const widestCell = 200;

/** Width of the terminal in characters, or null when the stream is no terminal and nothing needs cutting. */
export function widthOf(stream: NodeJS.WritableStream): number | null {
  const columns = 'columns' in stream ? stream.columns : null;
  // A terminal that was never told its size says 0.
  return typeof columns === 'number' && columns > 0 ? columns : null;
}

/** Width of each column so that header and rows fit into `maxWidth` characters; the widest columns give way first. */
export function columnWidths(
  columns: readonly TableColumn[],
  rows: readonly Cells[],
  maxWidth: number | null,
): readonly number[] {
  const widths = columns.map(({ title }) => lengthOf(title));
  for (const row of rows) {
    for (const [index, width] of widths.entries()) {
      widths[index] = Math.max(width, Math.min(widestCell, lengthOf(printable(row[index] ?? ''))));
    }
  }
  if (maxWidth === null) return widths;
  let excess = lineWidthOf(widths) - maxWidth;
  for (; excess > 0; excess -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= narrowestCut) break;
    widths[widest] = width - 1;
  }
  return widths;
}

/** One line of the table, newline at the end. */
export function renderRow(columns: readonly TableColumn[], cells: Cells, widths: readonly number[]): string {
  const parts = columns.map(({ isNumber }, index) => {
    const width = widths[index] ?? 0;
    const text = cut(printable(cells[index] ?? ''), width);
    const space = ' '.repeat(Math.max(0, width - lengthOf(text)));
    return isNumber ? space + text : text + space;
  });
  return `${parts.join(gap).trimEnd()}\n`;
}

/** Whether a line of these columns fits into `maxWidth` characters. */
export function fitsInto(widths: readonly number[], maxWidth: number | null): boolean {
  return maxWidth === null || lineWidthOf(widths) <= maxWidth;
}

/** One row as a paragraph, a line per column, for rows that are too wide for a table; newline at the end. */
export function renderRecord(columns: readonly TableColumn[], cells: Cells, maxWidth: number): string {
  const titleWidth = Math.max(0, ...columns.map(({ title }) => lengthOf(title)));
  const cellWidth = Math.max(narrowestCut, maxWidth - titleWidth - gap.length);
  const lines = columns.map(({ title }, index) => {
    const space = ' '.repeat(titleWidth - lengthOf(title));
    return `${title}${space}${gap}${cut(printable(cells[index] ?? ''), cellWidth)}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function lineWidthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1));
}

/** The text in one line and without control characters. */
export function printable(text: string): string {
  return text.replaceAll(/[\t\n\r\p{Zl}\p{Zp}]+/gu, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
}

function cut(text: string, width: number): string {
  return lengthOf(text) <= width ? text : `${[...text].slice(0, width - 1).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
