/**
 * HTML that Preact has rendered before, so that what many pages show is rendered once. The one way to put HTML into a page
 * without escaping it: only `renderOnce` makes such a value.
 */
import type { VNode } from 'preact';
import { jsxTemplate } from 'preact/jsx-runtime';
import { render } from 'preact-render-to-string';

export interface RenderedHtml {
  readonly html: string;
}

/** Every text in it is escaped. */
export function renderOnce(node: VNode): RenderedHtml {
  return { html: render(node) };
}

/** Puts it in as it is. */
export function Rendered({ html }: RenderedHtml): VNode {
  return jsxTemplate([html]);
}
