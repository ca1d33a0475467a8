/**
 * A terminal's screen as far as the progress bars use it: it takes the bytes a program wrote and says what a person
 * would see. Lines that scrolled away are kept. It knows only the sequences that log-update and pino-pretty write.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are driven by control characters.
const sequence = /\u001b\[([?\d;]*)([A-Za-z])/y;

/** The lines on the screen, without the spaces at their ends. @throws Error for a sequence it does not know. */
export function readScreen(written: string, columns: number): readonly string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const lineAt = (index: number): string[] => {
    while (lines.length <= index) lines.push([]);
    return lines[index] ?? [];
  };
  for (let index = 0; index < written.length; index += 1) {
    const character = written[index] ?? '';
    sequence.lastIndex = index;
    const match = sequence.exec(written);
    if (match !== null) {
      const [whole, parameter = '', command = ''] = match;
      index += whole.length - 1;
      const count = Number(parameter || 1);
      if (command === 'A') row = Math.max(0, row - count);
      else if (command === 'B') row += count;
      else if (command === 'G') column = count - 1;
      else if (command === 'K' && parameter === '2') lineAt(row).length = 0;
      else if (command === 'K') lineAt(row).length = Math.min(lineAt(row).length, column);
      else if (!'mhl'.includes(command)) throw new Error(`screen: unknown sequence ${JSON.stringify(whole)}`);
    } else if (character === '\r') column = 0;
    else if (character === '\n') row += 1;
    else {
      if (column >= columns) [row, column] = [row + 1, 0];
      const line = lineAt(row);
      while (line.length < column) line.push(' ');
      line[column] = character;
      column += 1;
    }
  }
  return lines.map((line) => line.join('').trimEnd());
}
