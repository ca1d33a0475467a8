/**
 * `oikotie validate`: the checks of the doctor, then a limited run that is judged and thrown away. What it has shown
 * decides whether the next, larger step may begin.
 */
import type { Config } from '../config/config.ts';
import type { Clock } from '../src/clock.ts';
import { nominalDayOf, systemClock } from '../src/clock.ts';
import type { RequestLogEntry } from '../src/crawl/request-log.ts';
import { messageOf, StorageError } from '../src/errors.ts';
import type { DayRequests } from '../src/jobs/series-store.ts';
import type { AuditEvent } from '../src/lineage/audit-event.ts';
import type { ValidationStep } from '../src/quality/judge-validation.ts';
import { addDayRequests, countRequests, goOnFrom } from '../workers/asked-today.ts';
import { selectTasks } from '../workers/select-tasks.ts';
import { watchSeries } from '../workers/series-watch.ts';
import type { ValidationPlan, ValidationReport } from '../workers/validation.ts';
import { keepForce, keepReport, readGround, refusalsOf, runStep } from '../workers/validation.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { collectFindings, createDoctorChecks } from './doctor.ts';
import type { Finding } from './finding.ts';
import { renderFindings } from './finding.ts';
import { openOperatorAudit } from './operator-audit.ts';
import { collectVisibly } from './run.ts';
import { widthOf } from './text-table.ts';
import { renderValidation, validateCommand } from './validation-page.ts';

export interface ValidateOptions {
  readonly configPath: string | undefined;
  readonly step: ValidationStep;
  /** Null = the enabled ones. */
  readonly cities: readonly string[] | null;
  readonly isForced: boolean;
  readonly json: boolean;
}

/** Validates and gives back the exit code. @throws ConfigError before anything starts. */
export async function runValidate(options: ValidateOptions, io: CommandIo): Promise<number> {
  const { config, warnings } = await loadCommandConfig(options.configPath);
  for (const warning of warnings) io.stderr.write(`warning: ${warning}\n`);
  return validate({ ...options, config, clock: systemClock }, io);
}

interface ValidateRequest extends Omit<ValidateOptions, 'configPath'> {
  readonly config: Config;
  readonly clock: Clock;
}

/** The same with a configuration that is loaded already. @internal Exported for its tests. */
export async function validate(request: ValidateRequest, io: CommandIo): Promise<number> {
  const { config, cities, step, clock } = request;
  // A city that was named is validated like one that is enabled.
  const tasks = selectTasks(config.tasks, cities).map((task) => ({ ...task, enabled: true }));
  const audit = openOperatorAudit(config, io);
  return reportStorageErrors(io, async () => {
    const plan = { config, tasks, step, clock };
    const ground = await readGround(plan);
    const refusals = refusalsOf(plan, ground);
    if (refusals.length > 0 && !request.isForced) {
      io.stderr.write(refusalText(step, refusals, cities));
      return exitCodes.badInput;
    }
    const isForced = refusals.length > 0;
    if (isForced) audit.audit(await keepForce(plan, refusals));
    const checks = await checkFirst(plan, ground.askedToday, io);
    if (io.signal.aborted) return exitCodes.interrupted;
    if (checks.findings.some(({ status }) => status === 'problem')) return endByChecks(request, checks.findings, io);
    if (!request.json) io.stdout.write(`${renderFindings(checks.findings)}\n`);
    const askedElsewhere = addDayRequests(ground.askedToday, checks.asked);
    const watch = watchSeries(config.databasePath, clock, io.signal);
    const report = await runStep({ ...plan, isForced }, { ...ground, askedBefore: checks.asked }, (run) =>
      collectVisibly({ ...run, askedElsewhere }, { ...io, signal: watch.signal }),
    ).finally(watch.close);
    if (watch.hasGivenWay()) io.stderr.write(gaveWay);
    writeReport(request, report, checks.findings, io);
    return keepAndEnd(plan, report, audit.audit, io);
  }).finally(audit.flush);
}

/** Step 0: what the doctor finds for these cities. Its requests count like any others of the day. */
async function checkFirst(
  { config, tasks, clock }: Omit<ValidationPlan, 'isForced'>,
  askedToday: DayRequests,
  io: CommandIo,
): Promise<{ readonly findings: readonly Finding[]; readonly asked: DayRequests }> {
  const requests: RequestLogEntry[] = [];
  const asking = {
    ...goOnFrom(nominalDayOf(clock.now()), askedToday),
    requestSink: (entry: RequestLogEntry) => void requests.push(entry),
  };
  const findings = await collectFindings(createDoctorChecks({ ...config, tasks }, { asking }), io.signal);
  return { findings, asked: countRequests(requests) };
}

function endByChecks({ step, json }: ValidateRequest, findings: readonly Finding[], io: CommandIo): number {
  if (json) io.stdout.write(`${JSON.stringify({ step, isPassed: false, findings }, null, 2)}\n`);
  else io.stdout.write(renderFindings(findings));
  io.stderr.write(`Step ${step} was not begun: see to the problems first, then give the same command again.\n`);
  return exitCodes.degraded;
}

const gaveWay =
  'A run has begun: the validation gave way, so that the portal is not asked by both. Validate again when it has ended.\n';

function refusalText(step: ValidationStep, refusals: readonly string[], cities: readonly string[] | null): string {
  const before = step === 3 ? 2 : 1;
  const command = validateCommand(before, cities);
  const remedy = `run "${command}" first, or add --force, which the audit log will say`;
  return `Step ${step} is refused; ${remedy}:\n${refusals.map((refusal) => `  ${refusal}\n`).join('')}`;
}

function writeReport(
  { json, cities, config }: ValidateRequest,
  report: ValidationReport,
  findings: readonly Finding[],
  io: CommandIo,
): void {
  if (json) io.stdout.write(`${JSON.stringify({ ...report, findings }, null, 2)}\n`);
  else io.stdout.write(renderValidation(report, { limits: config.validation, cities, width: widthOf(io.stdout) }));
}

/** The report has been shown; a database that is in use now only keeps the next step from knowing of it. */
async function keepAndEnd(
  plan: Omit<ValidationPlan, 'isForced'>,
  report: ValidationReport,
  audit: (event: AuditEvent) => void,
  io: CommandIo,
): Promise<number> {
  try {
    audit(await keepReport(plan, report));
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    io.stderr.write(`The result could not be kept, so no later step will know of it: ${messageOf(error)}\n`);
    return exitCodes.failed;
  }
  if (report.isInterrupted) return exitCodes.interrupted;
  return report.isPassed ? exitCodes.ok : exitCodes.degraded;
}
