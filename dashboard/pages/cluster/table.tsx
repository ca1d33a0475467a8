/** A table whose columns are named once: titles, which of them are numbers, and the cells of each row. */
import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  /** Empty for a column of actions, whose title is heard only. */
  readonly title: string;
  readonly isNumber?: boolean;
  readonly isUnseen?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

interface TableParts<Row> {
  /** Of the whole, for those who hear it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** The first column names the row. */
export function Table<Row>({ label, columns, rows, keyOf }: TableParts<Row>) {
  const [first, ...others] = columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than a phone is scrolled by keyboard too
    <section class="wide" aria-label={label} tabIndex={0}>
      <table class="cards">
        <thead>
          <tr>
            {columns.map(({ title, isNumber, isUnseen }) => (
              <th scope="col" class={isNumber ? 'number' : undefined} key={title}>
                {isUnseen ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row">{first?.cell(row)}</th>
              {others.map(({ title, isNumber, isUnseen, cell }) => (
                <td class={isNumber ? 'number' : undefined} data-title={isUnseen ? undefined : title} key={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
