/**
 * Handlers of a process that serves whichever execution a job belongs to: what they need (books, a portal, a guard) is
 * made for an execution when its first job comes, and kept until the process ends.
 */
import { ScraperError } from '../src/errors.ts';
import type { AnyJobHandler, JobKind } from '../src/jobs/job.ts';

export interface OpenedExecution {
  readonly handlers: readonly AnyJobHandler[];
  readonly close: () => Promise<void>;
}

export interface ExecutionHandlers {
  readonly handlers: readonly AnyJobHandler[];
  /** Ends what was opened for every execution. */
  readonly close: () => Promise<void>;
}

/** @param open makes the handlers of one execution; it is called once for each. */
export function createExecutionHandlers(
  kinds: readonly JobKind[],
  open: (executionId: string) => OpenedExecution,
): ExecutionHandlers {
  const executions = new Map<string, OpenedExecution>();

  function handlerOf(kind: JobKind, payload: unknown): AnyJobHandler {
    const executionId = executionIdOf(kind, payload);
    const execution = executions.get(executionId) ?? open(executionId);
    executions.set(executionId, execution);
    const handler = execution.handlers.find((each) => each.kind === kind);
    if (handler === undefined) throw new Error(`no handler of kind ${kind} was made for ${executionId}`);
    return handler;
  }

  return {
    handlers: kinds.map((kind) => ({
      kind,
      run: async (payload, context) => handlerOf(kind, payload).run(payload, context),
      onGivenUp: (payload, failure) => handlerOf(kind, payload).onGivenUp(payload, failure),
    })),
    close: async () => {
      await Promise.all([...executions.values()].map((execution) => execution.close()));
    },
  };
}

function executionIdOf(kind: JobKind, payload: unknown): string {
  const isObject = typeof payload === 'object' && payload !== null;
  const executionId = isObject && 'executionId' in payload ? payload.executionId : undefined;
  if (typeof executionId === 'string') return executionId;
  const message = `payload of a ${kind} job: expected an executionId, got ${JSON.stringify(payload)?.slice(0, 100)}`;
  throw new ScraperError('PAYLOAD_INVALID', message, { category: 'PARSING_ERROR' });
}
