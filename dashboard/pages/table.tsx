/** A table and its pages, as most lists are shown: it scrolls by itself where the screen is too narrow. */
import type { ComponentChildren } from 'preact';
import type { RequestContext } from '../http/request-context.ts';
import { commonTexts } from '../texts/common.ts';

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  /** A column of actions, whose title is heard only. */
  readonly isUnseen?: boolean;
}

/** Named by the heading above it, or by a text for those who hear it. */
type Name = { readonly labelledBy: string } | { readonly label: string };

type DataTableProps = Name & {
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly ComponentChildren[])[];
  /** On a phone each row is a card, every cell with its title. */
  readonly hasCards?: boolean;
};

export function DataTable({ columns, rows, hasCards = false, ...name }: DataTableProps) {
  const named = 'label' in name ? { 'aria-label': name.label } : { 'aria-labelledby': name.labelledBy };
  const classOf = (index: number) => (columns[index]?.isNumber === true ? 'number' : undefined);
  const cardTitle = (index: number) =>
    hasCards && columns[index]?.isUnseen !== true ? columns[index]?.title : undefined;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="wide" tabIndex={0} {...named}>
      <table class={hasCards ? 'cards' : undefined} {...named}>
        <thead>
          <tr>
            {columns.map(({ title, isUnseen }, index) => (
              <th scope="col" class={classOf(index)} key={title}>
                {isUnseen ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head, ...cells], row) => (
            <tr key={row}>
              <th scope="row">{head}</th>
              {cells.map((cell, index) => (
                <td class={classOf(index + 1)} data-title={cardTitle(index + 1)} key={index}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A column with what it says of a row. */
export interface CellColumn<Row> extends Column {
  readonly cell: (row: Row) => ComponentChildren;
}

interface CardTableProps<Row> {
  readonly label: string;
  /** The first one names the row. */
  readonly columns: readonly CellColumn<Row>[];
  readonly rows: readonly Row[];
}

export function CardTable<Row>({ label, columns, rows }: CardTableProps<Row>) {
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  return <DataTable label={label} columns={columns} rows={cells} hasCards={true} />;
}

interface PagesProps {
  readonly context: RequestContext;
  /** From 1. */
  readonly page: number;
  readonly pageRows: number;
  readonly count: number;
  /** Name of the query's parameter; the others are kept. */
  readonly name?: string;
}

/** Links to the page before and after; nothing when there is one page only. */
export function Pages({ context, page, pageRows, count, name = 'page' }: PagesProps) {
  const texts = commonTexts[context.language];
  const pages = Math.max(1, Math.ceil(count / pageRows));
  if (pages === 1) return null;
  return (
    <nav class="pages" aria-label={texts.pages}>
      {page > 1 ? <a href={pathWith(context.path, name, String(page - 1))}>{texts.pageBefore}</a> : null}
      <span>{texts.pageOf(context.format.number(page), context.format.number(pages))}</span>
      {page < pages ? <a href={pathWith(context.path, name, String(page + 1))}>{texts.pageAfter}</a> : null}
    </nav>
  );
}

/** The same page with one parameter of its query changed. */
function pathWith(path: string, name: string, value: string): string {
  const [here = '/', query = ''] = path.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return `${here}?${parameters}`;
}
