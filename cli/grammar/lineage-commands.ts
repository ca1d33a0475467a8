/**
 * The grammar of the commands that go from a row back to its response: `explain`, `reparse`.
 */
import { Option } from 'commander';
import type { Config } from '../../config/config.ts';
import type { ArchivePlace } from '../../src/storage/open-body-store.ts';
import type { AddCommand } from './grammar.ts';
import { calendarDay, configOption, databaseOption, examples, jsonOption } from './grammar.ts';

interface PlaceFlags {
  readonly database?: string;
  readonly archive?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const archiveHelp = 'folder of the raw archive (default: the configured folder or bucket)';

export const addExplain: AddCommand = (program, choose) => {
  program
    .command('explain')
    .description('Tell where the row of a listing came from: execution, request, parser, response, versions.')
    .argument('<listing-id>', 'listing_id of the row')
    .addOption(databaseOption())
    .option('--archive <folder>', archiveHelp)
    .addOption(configOption())
    .addOption(jsonOption('it'))
    .addHelpText('after', examples(['oikotie listings --limit 1', 'oikotie explain 17934211 --json']))
    .action((listingId: string, options: PlaceFlags) =>
      choose(async (io) => {
        const { runExplain } = await import('../explain.ts');
        return runExplain({ listingId, ...(await placesFor(options)), json: options.json ?? false }, io);
      }),
    );
};

export const addReparse: AddCommand = (program, choose) => {
  program
    .command('reparse')
    .description("Rebuild stored listings from their archived pages with today's parser; asks nothing of the portal.")
    .addOption(
      new Option('--since <day>', 'only pages fetched on this day (Helsinki) or later')
        .argParser(calendarDay)
        .makeOptionMandatory(),
    )
    .option('--dry-run', 'write nothing, only print what would change')
    .addOption(databaseOption())
    .option('--archive <folder>', archiveHelp)
    .addOption(configOption())
    .addOption(jsonOption('what differs'))
    .addHelpText(
      'after',
      examples(['oikotie reparse --since 2026-11-01 --dry-run', 'oikotie reparse --since 2026-11-01']),
    )
    .action((options: PlaceFlags & { since: string; dryRun?: boolean }) =>
      choose(async (io) => {
        const { runReparse } = await import('../reparse.ts');
        const { loadCommandConfig } = await import('../command-config.ts');
        const { config } = await loadCommandConfig(options.config);
        const places = {
          databasePath: options.database ?? config.databasePath,
          archive: archivePlaceOf(options.archive, config),
        };
        const { since, dryRun = false, json = false } = options;
        return runReparse({ since, dryRun, json, config, ...places }, io);
      }),
    );
};

/** Database and archive that are meant; the configuration is read only for what is not named. */
async function placesFor({ database, archive, config: path }: PlaceFlags) {
  if (database !== undefined && archive !== undefined) {
    return { databasePath: database, archive: { directory: archive, bucket: null } };
  }
  const { loadCommandConfig } = await import('../command-config.ts');
  const { config } = await loadCommandConfig(path);
  return {
    databasePath: database ?? config.databasePath,
    archive: archivePlaceOf(archive, config),
  };
}

/** The folder that is named, else where the configured archive is. */
function archivePlaceOf(folder: string | undefined, { rawArchive }: Pick<Config, 'rawArchive'>): ArchivePlace {
  return folder === undefined ? rawArchive : { directory: folder, bucket: null };
}
