/**
 * A whole HTTP answer as a value, and small makers for the kinds the simulated portal gives.
 */

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An HTML answer, from text or from bytes in UTF-8. */
export function html(status: number, page: string | Buffer): Answer {
  const body = typeof page === 'string' ? Buffer.from(page) : page;
  return { status, headers: { 'content-type': 'text/html; charset=UTF-8' }, body };
}

/** A JSON answer. */
export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

/** A plain text answer. */
export function text(status: number, content: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: Buffer.from(content) };
}

/** A redirect with a short page. */
export function redirect(location: string): Answer {
  const answer = html(302, shortPage('302 Siirretty'));
  return { ...answer, headers: { ...answer.headers, location } };
}

/** A page with nothing but a heading. */
export function shortPage(words: string): string {
  return `<!doctype html><html lang="fi"><head><meta charset="utf-8"><title>${words}</title></head><body><h1>${words}</h1></body></html>`;
}
