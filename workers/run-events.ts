/**
 * What the audit log says of a run as a whole: that it began, and how it ended.
 */
import type { CityTask } from '../config/config.ts';
import { categoryOf, messageOf } from '../src/errors.ts';
import type { AuditEntry } from '../src/lineage/audit-recorder.ts';
import type { ExecutionResult } from '../src/quality/city-receipt.ts';
import type { ChosenExecution } from './choose-execution.ts';

export function startEvent(chosen: ChosenExecution, tasks: readonly Pick<CityTask, 'city'>[]): AuditEntry {
  const { executionId, nominalDay, isContinued } = chosen;
  return {
    type: 'AUTOMATION_START',
    severity: 'INFO',
    city: null,
    message: `${executionId} ${isContinued ? 'goes on' : 'begins'}`,
    details: { nominalDay, isContinued, cities: tasks.map(({ city }) => city) },
  };
}

const severityOf = {
  completed: 'INFO',
  degraded: 'WARNING',
  interrupted: 'WARNING',
  failed: 'ERROR',
} as const satisfies Record<ExecutionResult['status'], AuditEntry['severity']>;

export function endEvent({ executionId, cities: _receipts, ...totals }: ExecutionResult): AuditEntry {
  return {
    type: 'AUTOMATION_COMPLETE',
    severity: severityOf[totals.status],
    city: null,
    message: `${executionId} is ${totals.status}`,
    details: totals,
  };
}

/** The end of a run that an error ended: its books are not closed. */
export function failureEvent(executionId: string, error: unknown): AuditEntry {
  return {
    type: 'AUTOMATION_COMPLETE',
    severity: 'CRITICAL',
    city: null,
    message: `${executionId} was ended by an error: ${messageOf(error)}`,
    details: { category: categoryOf(error) },
  };
}
