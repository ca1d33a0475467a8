/** A table and its pages, as most lists are shown: it scrolls by itself where the screen is too narrow. */
import type { ComponentChildren } from 'preact';
import type { RequestContext } from '../http/request-context.ts';
import { commonTexts } from '../texts/common.ts';

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

interface DataTableProps {
  /** Id of the heading above it. */
  readonly labelledBy: string;
  readonly columns: readonly Column[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly ComponentChildren[])[];
}

export function DataTable({ labelledBy, columns, rows }: DataTableProps) {
  const classOf = (index: number) => (columns[index]?.isNumber === true ? 'number' : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="wide" tabIndex={0} aria-labelledby={labelledBy}>
      <table aria-labelledby={labelledBy}>
        <thead>
          <tr>
            {columns.map(({ title }, index) => (
              <th scope="col" class={classOf(index)} key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([head, ...cells], row) => (
            <tr key={row}>
              <th scope="row">{head}</th>
              {cells.map((cell, index) => (
                <td class={classOf(index + 1)} key={index}>
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
