/**
 * The grammar of `dataset`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

interface DatasetFlags {
  readonly config?: string;
  readonly json?: boolean;
}

export const addDataset: AddCommand = (program, choose) => {
  const dataset = program
    .command('dataset')
    .description('Write, list or verify datasets: Parquet by city and day, CSV, dictionary, receipts, checksums.')
    .addHelpText(
      'after',
      examples([
        'oikotie dataset list',
        'oikotie dataset create',
        'oikotie dataset verify output/dataset/latest',
        '',
        'A run writes one by itself when it ends (publish.datasets) and keeps the newest (publish.keep_datasets).',
        'One that holds a file named KEEP is never deleted.',
      ]),
    );
  dataset
    .command('create')
    .description('Write a dataset of the series as it is, named after the last run that ended.')
    .addOption(configOption())
    .addOption(jsonOption('what it holds'))
    .action(({ config: configPath, json = false }: DatasetFlags) =>
      choose(async (io) => (await import('../dataset.ts')).createDataset({ configPath, json }, io)),
    );
  dataset
    .command('list')
    .description('Show the datasets there are, newest first.')
    .addOption(configOption())
    .addOption(jsonOption('the datasets'))
    .action(({ config: configPath, json = false }: DatasetFlags) =>
      choose(async (io) => (await import('../dataset.ts')).showDatasets({ configPath, json }, io)),
    );
  dataset
    .command('verify')
    .description(
      'Compare each file of a dataset with the checksums in its manifest. Exit: 0 as written, 1 not, 2 no dataset.',
    )
    .argument('<folder>', 'folder of the dataset')
    .addOption(jsonOption('the findings'))
    .action((folder: string, { json = false }: DatasetFlags) =>
      choose(async (io) => (await import('../dataset.ts')).checkDataset(folder, json, io)),
    );
};
