/**
 * The grammar of the processes of a cluster: `worker` and `store`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, examples } from './grammar.ts';

export const addWorker: AddCommand = (program, choose) => {
  program
    .command('worker')
    .description('Crawl for the cluster until stopped: start as many as you like, on as many machines.')
    .addOption(configOption())
    .addHelpText(
      'after',
      examples([
        'REDIS_URL=redis://10.0.0.5:6379 oikotie worker',
        'NODE_ID=worker-2 oikotie worker --config config/config.json',
        '',
        'SIGTERM finishes what is active within 30 s, or gives it back to the others.',
      ]),
    )
    .action((options: { config?: string }) =>
      choose(async (io) => {
        const [{ runRole }, { runWorker }] = await Promise.all([
          import('../role.ts'),
          import('../../workers/worker.ts'),
        ]);
        return runRole(runWorker, options.config, io);
      }),
    );
};

export const addStore: AddCommand = (program, choose) => {
  program
    .command('store')
    .description('Write for the cluster until stopped: the one process that opens the database.')
    .addOption(configOption())
    .addHelpText('after', examples(['REDIS_URL=redis://10.0.0.5:6379 oikotie store']))
    .action((options: { config?: string }) =>
      choose(async (io) => {
        const [{ runRole }, { runStore }] = await Promise.all([import('../role.ts'), import('../../workers/store.ts')]);
        return runRole(runStore, options.config, io);
      }),
    );
};
