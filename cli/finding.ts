/**
 * What a check of `oikotie doctor` found, and how it is shown: a list narrow enough for a phone.
 */

export interface Finding {
  /** What was looked at, e.g. `database` or `location id of Espoo`. */
  readonly name: string;
  /** `problem`: a run would fail or collect the wrong thing. `warning`: it would run, with a drawback. */
  readonly status: 'ok' | 'warning' | 'problem';
  /** What was seen, in one sentence. */
  readonly seen: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

const marks = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;
const lineLength = 60;

/** One finding per paragraph, what to do below it, a count at the end. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ name, status, seen, remedy }) => [
    `${marks[status]} ${name}`,
    ...wrap(seen, '        '),
    ...(remedy === null ? [] : wrap(`-> ${remedy}`, '        ')),
  ]);
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  const sum = `${count('problem')} problems, ${count('warning')} warnings, ${count('ok')} ok`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

/** Breaks at spaces; a word longer than the line stays whole, so that an address can be copied. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > lineLength) {
      lines.push(indent + line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, indent + line];
}
