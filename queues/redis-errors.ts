/**
 * What went wrong with a Redis, in a sentence that says what to do. The client's errors carry the command they are about,
 * and that of a refused login carries the password: it is taken off here.
 */

/**
 * True for an answer of Redis, such as `WRONGPASS …` or `NOAUTH …`, or of a Sentinel, which is quoted: nothing of the
 * network begins with capitals.
 */
export function isRefusal(message: string): boolean {
  return /(^|^failed to connect to sentinel \S+ because )[A-Z]{2,} /.test(message);
}

/** Takes the command and its arguments off an error, and off those it is made of. */
export function forgetCommand(error: unknown): void {
  if (!(error instanceof Error)) return;
  if ('command' in error) delete error.command;
  for (const inner of innerErrors(error)) forgetCommand(inner);
}

/** The sentence of an error, with the setting that it is about. */
export function describeRedisError(error: unknown): string {
  const sentences = sentencesOf(error).filter((sentence) => sentence !== '');
  const sentence = sentences.at(-1) ?? 'no answer';
  const remedy = remedies.find(([pattern]) => sentences.some((each) => pattern.test(each)))?.[1];
  return remedy === undefined ? sentence : `${sentence}; ${remedy}`;
}

const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/sentinel.*(WRONGPASS|NOAUTH)/i, 'check redis_sentinel_password'],
  [/No such master/, 'check redis_sentinel_master'],
  [/^(WRONGPASS|NOAUTH)|without any password configured/, 'check REDIS_USERNAME and REDIS_PASSWORD'],
  [/^NOPERM/, 'give the user the rights of docs/redis.md'],
  [
    /self[- ]signed certificate|unable to (get|verify)/i,
    'set redis_ca_file to the authority that signed its certificate',
  ],
  [/certificate has expired/i, 'renew the certificate of Redis'],
  [/does not match certificate/i, 'name Redis as its certificate does, or make it out to this address'],
  [
    /wrong version number|packet length too long/i,
    'it does not speak TLS there: write redis://, or set redis_tls to false',
  ],
];

/** From the whole to its parts: a failed connection may carry an error per address, or the one of the last node. */
function sentencesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...innerErrors(error).flatMap(sentencesOf)];
}

function innerErrors(error: Error): readonly unknown[] {
  if (error instanceof AggregateError) return error.errors;
  return 'lastNodeError' in error && error.lastNodeError instanceof Error ? [error.lastNodeError] : [];
}
