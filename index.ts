/**
 * The public interface of the package, and its one barrel: what is exported here is kept stable, documented in
 * docs/coordinator.md and docs/audit.md and meant for programs of other people. Nothing inside the project imports it.
 */
// biome-ignore-all lint/performance/noBarrelFile: whoever imports the package by its name needs one file to import.
export type {
  ShutdownReport,
  WorkDistribution,
  WorkFailure,
} from './queues/cluster-coordinator.ts';
export type { ClusterStatus, StatusOfNode } from './queues/cluster-status.ts';
export type { NodeRole, NodeStatus } from './queues/node-registry.ts';
export type { NewWorkItem, WorkItem, WorkItemStatus } from './queues/work-items.ts';
export type { ErrorCategory, ErrorDetails } from './src/errors.ts';
export { ConfigError, ScraperError, StorageError } from './src/errors.ts';
export type { CityProgress } from './src/jobs/city-progress.ts';
export type { AuditEventType, AuditSeverity } from './src/lineage/audit-event.ts';
export type { AuditReport } from './src/lineage/audit-report.ts';
export type { DataLineageEntry, LineageOperation } from './src/lineage/data-lineage.ts';
export type { CityReceipt, CityVerdict, ExecutionStatus, MissingPart } from './src/quality/city-receipt.ts';
export type {
  AuditLogger,
  AuditLoggerOptions,
  ExecutionContext,
  LoggedEvent,
  LoggedLineage,
  NewExecution,
} from './workers/audit-logger.ts';
export { createAuditLogger } from './workers/audit-logger.ts';
export type { ClusterCoordinatorOptions } from './workers/coordinator.ts';
export { ClusterCoordinator, createClusterCoordinator } from './workers/coordinator.ts';
export type {
  MultiCityExecution,
  MultiCityOrchestrator,
  MultiCityOrchestratorOptions,
  MultiCityResult,
  RunMode,
} from './workers/multi-city-orchestrator.ts';
export { createMultiCityOrchestrator } from './workers/multi-city-orchestrator.ts';
