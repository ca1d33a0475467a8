/**
 * `oikotie dataset`: writes one now, lists those there are, and tells whether one is as it was written. Runs write them by
 * themselves.
 */
import { resolve } from 'node:path';
import { readVersion } from '../config/user-agent.ts';
import { systemClock, toUtcIso } from '../src/clock.ts';
import { listDatasets, writeDataset } from '../src/storage/dataset.ts';
import type { DatasetManifest } from '../src/storage/dataset-manifest.ts';
import { verifyDataset } from '../src/storage/dataset-manifest.ts';
import { findReadable } from '../src/storage/readable.ts';
import { datasetFolderOf } from '../workers/publications.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';
import { reportStorageErrors } from './data-errors.ts';
import { announceSource } from './data-source.ts';
import { columnWidths, renderRow, widthOf } from './text-table.ts';

export interface DatasetOptions {
  readonly configPath: string | undefined;
  readonly json: boolean;
}

const count = new Intl.NumberFormat('en-US');

/** Writes a dataset of the last run that ended; 3 when it cannot be written. */
export async function createDataset({ configPath, json }: DatasetOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(configPath);
  return reportStorageErrors(io, async () => {
    const source = await findReadable({ path: config.databasePath, ...config.database });
    announceSource(source, systemClock, io);
    const { manifest, path, deleted } = await writeDataset({
      databasePath: source.path,
      directory: datasetFolderOf(config),
      programVersion: readVersion(),
      generatedAtUtc: toUtcIso(systemClock.now()),
      keep: config.publish.keepDatasets,
    });
    if (json) io.stdout.write(`${JSON.stringify({ path, deleted, ...summaryOf(manifest) }, null, 2)}\n`);
    else io.stderr.write(`${manifest.files.length} files written to ${path}\n`);
    return exitCodes.ok;
  });
}

export async function showDatasets({ configPath, json }: DatasetOptions, io: CommandIo): Promise<number> {
  const { config } = await loadCommandConfig(configPath);
  const datasets = (await listDatasets(datasetFolderOf(config))).map(summaryOf);
  if (json) io.stdout.write(`${JSON.stringify(datasets, null, 2)}\n`);
  else if (datasets.length === 0) io.stderr.write(`There are no datasets in ${datasetFolderOf(config)} yet.\n`);
  else io.stdout.write(renderDatasets(datasets, widthOf(io.stdout)));
  return exitCodes.ok;
}

/** Compares each file with the manifest: 0 when all are as written, 1 when not, 2 when the folder is no dataset. */
export function checkDataset(folder: string, json: boolean, io: CommandIo): Promise<number> {
  return reportStorageErrors(io, async () => {
    const { manifest, manifestSha256, problems } = await verifyDataset(resolve(folder));
    const { version, files } = manifest;
    const isWhole = problems.length === 0;
    if (json) {
      const result = { ok: isWhole, version, manifestSha256, files: files.length, problems };
      io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      return isWhole ? exitCodes.ok : exitCodes.degraded;
    }
    for (const problem of problems) io.stdout.write(`PROBLEM ${problem}\n`);
    const verdict = isWhole ? `all ${files.length} files are as written` : `${problems.length} problems`;
    io.stdout.write(`${version}: ${verdict}; SHA-256 of its manifest ${manifestSha256}\n`);
    return isWhole ? exitCodes.ok : exitCodes.degraded;
  });
}

interface DatasetSummary extends Pick<DatasetManifest, 'version' | 'generatedAtUtc' | 'executionId' | 'tables'> {
  readonly bytes: number;
}

function summaryOf({ version, generatedAtUtc, executionId, tables, files }: DatasetManifest): DatasetSummary {
  return { version, generatedAtUtc, executionId, tables, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function renderDatasets(datasets: readonly DatasetSummary[], width: number | null): string {
  const columns = [
    { title: 'version', isNumber: false },
    { title: 'written (UTC)', isNumber: false },
    { title: 'listings', isNumber: true },
    { title: 'MB', isNumber: true },
  ];
  const cells = datasets.map(({ version, generatedAtUtc, tables, bytes }) => [
    version,
    generatedAtUtc.slice(0, 16).replace('T', ' '),
    count.format(tables.find(({ name }) => name === 'listings')?.rows ?? 0),
    (bytes / 1e6).toFixed(1),
  ]);
  const widths = columnWidths(columns, cells, width);
  const titles = columns.map(({ title }) => title);
  return [titles, ...cells].map((row) => renderRow(columns, row, widths)).join('');
}
