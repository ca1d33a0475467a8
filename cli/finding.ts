/**
 * What a check of `oikotie doctor` found, and how it is shown: a list narrow enough for a phone.
 */
import { wrapText } from './wrap-text.ts';

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

/** A sentence `what is wrong; what to do` in the two parts of a finding. */
export function findingOf(name: string, status: 'warning' | 'problem', sentence: string): Finding {
  const at = sentence.lastIndexOf('; ');
  if (at < 0) return { name, status, seen: sentence, remedy: 'Correct it in the configuration' };
  const remedy = sentence.slice(at + 2);
  return { name, status, seen: sentence.slice(0, at), remedy: remedy.charAt(0).toUpperCase() + remedy.slice(1) };
}

const marks = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const;
const indent = '        ';

/** One finding per paragraph, what to do below it, a count at the end. */
export function renderFindings(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ name, status, seen, remedy }) => [
    `${marks[status]} ${name}`,
    ...wrapText(seen, indent),
    ...(remedy === null ? [] : wrapText(`-> ${remedy}`, indent)),
  ]);
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  const sum = `${plural(count('problem'), 'problem')}, ${plural(count('warning'), 'warning')}, ${count('ok')} ok`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
