/**
 * The command line: every command with its options and examples. It only knows the grammar; each command's work is
 * loaded when that command is called, so that `--help` answers at once.
 */
import { Command } from 'commander';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { addAlerts } from './grammar/alerts-command.ts';
import { addAudit } from './grammar/audit-command.ts';
import { addBackup, addRestore } from './grammar/backup-commands.ts';
import { addConfig, addDebugBundle, addDoctor } from './grammar/check-commands.ts';
import { addCity } from './grammar/city-command.ts';
import { addStore, addWorker } from './grammar/cluster-commands.ts';
import { addDemo, addRun, addSimulator } from './grammar/collect-commands.ts';
import { addDashboard } from './grammar/dashboard-command.ts';
import { addExport, addListings, addParse, addRaw, addSql } from './grammar/data-commands.ts';
import { addDataset } from './grammar/dataset-command.ts';
import { addForget } from './grammar/forget-command.ts';
import type { Action } from './grammar/grammar.ts';
import { examples } from './grammar/grammar.ts';
import { addHistory } from './grammar/history-command.ts';
import { addImport } from './grammar/import-command.ts';
import { addExplain, addReparse } from './grammar/lineage-commands.ts';
import { addNode, addStatus } from './grammar/node-commands.ts';
import { addBreaker } from './grammar/operate-commands.ts';
import { addPoliteness } from './grammar/politeness-command.ts';
import { addQuality, addQuarantine } from './grammar/quality-commands.ts';
import { addSchedule, addScheduler } from './grammar/schedule-commands.ts';
import { addSetupCron } from './grammar/setup-command.ts';
import { addValidate } from './grammar/validate-command.ts';

export interface Program {
  /** Parses the arguments, runs the command, gives back its exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const commands = [
  addRun,
  addValidate,
  addDemo,
  addWorker,
  addStore,
  addScheduler,
  addSimulator,
  addParse,
  addListings,
  addHistory,
  addSql,
  addExport,
  addDataset,
  addBackup,
  addRestore,
  addImport,
  addForget,
  addRaw,
  addExplain,
  addReparse,
  addAudit,
  addPoliteness,
  addQuality,
  addQuarantine,
  addConfig,
  addDoctor,
  addDebugBundle,
  addDashboard,
  addStatus,
  addNode,
  addBreaker,
  addAlerts,
  addCity,
  addSchedule,
  addSetupCron,
];

/** Builds the grammar for one invocation. */
export function createProgram(io: CommandIo, version: string): Program {
  let chosen: Action = async () => exitCodes.ok;
  const choose = (action: Action) => {
    chosen = action;
  };
  const program = new Command('oikotie')
    .description('Collects Finnish housing listings from Oikotie every day into a DuckDB series that can be trusted.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', examples(['oikotie demo', 'oikotie doctor', 'oikotie run --city Helsinki --limit 20']));
  for (const add of commands) add(program, choose);
  return {
    run: async (args) => {
      try {
        await program.parseAsync([...args], { from: 'user' });
      } catch (error) {
        return exitCodeOfParsing(error);
      }
      return chosen(io);
    },
  };
}

function exitCodeOfParsing(error: unknown): number {
  const isParsing = error instanceof Error && 'exitCode' in error && 'code' in error;
  if (!isParsing) throw error;
  return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
}
