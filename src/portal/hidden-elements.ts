/**
 * Which elements a visitor does not see. Links in them are bot traps and their texts say nothing about the page.
 */

const contentHiders: ReadonlySet<string> = new Set(['script', 'style', 'template', 'noscript', 'iframe', 'svg']);
const hidingStyle = /display\s*:\s*none|visibility\s*:\s*hidden/i;

/** Script, style, template and the like: their content is no text of the page. */
export function hidesItsContent(tagName: string): boolean {
  return contentHiders.has(tagName);
}

/** Hidden by style, `hidden` or `aria-hidden="true"`. */
export function isHidden(attributes: Readonly<Record<string, string>>): boolean {
  if (attributes['hidden'] !== undefined || attributes['aria-hidden'] === 'true') return true;
  const style = attributes['style'];
  return style !== undefined && hidingStyle.test(style);
}
