/**
 * Reads the configuration file as strict JSON and says where it is broken, by line and column. Comments, trailing
 * commas and keys that come twice are errors: what is not plain JSON would be read differently by other programs.
 */
import { readFileSync } from 'node:fs';
import type { Node, ParseError } from 'jsonc-parser';
import { parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigError } from '../src/errors.ts';
import { describeProblem } from './problem.ts';

/**
 * The value in the file.
 * @throws ConfigError when the file is missing, unreadable or not JSON; of syntax errors the first is told.
 */
export function readJsonFile(path: string): unknown {
  const text = readText(path).replace(/^\uFEFF/, '');
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  // What follows the first error is often its consequence.
  const problems = errors.slice(0, 1).map((error) => describeSyntaxError(path, text, error));
  if (root !== undefined && errors.length === 0) problems.push(...describeRepeatedKeys(path, text, root));
  if (problems.length > 0) throw new ConfigError(problems);
  return JSON.parse(text);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown error';
    const got = code === 'ENOENT' ? 'no such file' : code;
    const remedy = 'create it or name another with --config';
    throw new ConfigError([describeProblem({ path, expected: 'a readable configuration file', got, remedy })]);
  }
}

function describeSyntaxError(path: string, text: string, error: ParseError): string {
  const code = printParseErrorCode(error.error);
  const name = code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const got = remarks[code] ?? `"${name}" at ${JSON.stringify(text.slice(error.offset, error.offset + 12))}`;
  return describeAt(path, text, error.offset, 'JSON', got, 'correct it there');
}

const remarks: Readonly<Record<string, string>> = {
  InvalidCommentToken: 'a comment',
  EndOfFileExpected: 'text after the end of the value',
  PropertyNameExpected: 'no property name (a comma too many?)',
  ValueExpected: 'no value (a comma too many, or an empty file?)',
  ColonExpected: 'no colon after the property name',
  CommaExpected: 'no comma',
  CloseBraceExpected: 'no closing brace',
  CloseBracketExpected: 'no closing bracket',
};

function describeRepeatedKeys(path: string, text: string, node: Node): string[] {
  const problems: string[] = [];
  const seen = new Set<unknown>();
  for (const child of node.children ?? []) {
    const key = node.type === 'object' ? child.children?.[0] : undefined;
    if (key !== undefined && seen.has(key.value)) {
      problems.push(describeAt(path, text, key.offset, `${JSON.stringify(key.value)} once`, 'it again', 'remove one'));
    }
    if (key !== undefined) seen.add(key.value);
    problems.push(...describeRepeatedKeys(path, text, child));
  }
  return problems;
}

function describeAt(path: string, text: string, offset: number, expected: string, got: string, remedy: string): string {
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return describeProblem({ path: `${path}:${before.length}:${column}`, expected, got, remedy });
}
