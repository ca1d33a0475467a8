/**
 * What a command is given, so that it can be run from a test as well as from the terminal. Data goes to `stdout`,
 * everything else to `stderr`; a command returns its exit code and never calls process.exit.
 */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  /** Aborts on SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Exit codes, printed in docs/operations.md. */
export const exitCodes = {
  /** Everything asked for was done. */
  ok: 0,
  /** The run ended degraded: some data is there, some is missing. Also: a check found a problem. */
  degraded: 1,
  /** Bad input: configuration, arguments, a query. Nothing was started. */
  badInput: 2,
  /** The run failed, or the database could not be used. */
  failed: 3,
  /** Stopped by Ctrl-C or SIGTERM; the next run goes on. */
  interrupted: 130,
} as const;
