/**
 * Text in lines short enough for a phone. It changes nothing but white space.
 */

const lineLength = 60;

/**
 * Lines of at most `width` characters (60 when not given), each behind `indent`, the first behind `firstIndent`. Breaks
 * at spaces; a word longer than the line stays whole, so that an address can be copied.
 */
export function wrapText(
  text: string,
  indent: string,
  { firstIndent = indent, width = lineLength }: { readonly firstIndent?: string; readonly width?: number } = {},
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    const before = lines.length === 0 ? firstIndent : indent;
    if (line !== '' && before.length + longer.length > width) {
      lines.push(before + line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, (lines.length === 0 ? firstIndent : indent) + line];
}
