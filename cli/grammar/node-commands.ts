/**
 * The grammar of the commands that look at the nodes of a cluster and steer them: `status` and `node drain`.
 */
import type { AddCommand } from './grammar.ts';
import { configOption, examples, jsonOption } from './grammar.ts';

export const addStatus: AddCommand = (program, choose) => {
  program
    .command('status')
    .description('Show the nodes of the cluster and its work: how many, how they are, who has what.')
    .addOption(configOption())
    .addOption(jsonOption('the status'))
    .option('--watch', 'show it again and again until Ctrl-C; with --json one line each time')
    .addHelpText(
      'after',
      examples(['oikotie status', 'oikotie status --watch', "oikotie status --json | jq '.nodes[] | .status'"]),
    )
    .action((options: { config?: string; json?: boolean; watch?: boolean }) =>
      choose(async (io) => {
        const { runStatus } = await import('../status.ts');
        const { config: configPath, json = false, watch = false } = options;
        return runStatus({ configPath, json, watch }, io);
      }),
    );
};

export const addNode: AddCommand = (program, choose) => {
  const node = program
    .command('node')
    .description('Steer one node of the cluster from afar.')
    .addHelpText('after', examples(['oikotie node drain worker-2', 'oikotie node drain worker-2 --no-wait']));
  node
    .command('drain')
    .description('End a node as SIGTERM would: it takes nothing new, finishes what is active or gives it back.')
    .argument('<id>', 'its NODE_ID, as `oikotie status` shows it')
    .addOption(configOption())
    .option('--no-wait', 'ask for it and do not wait until the node is gone')
    .action((nodeId: string, { config: configPath, wait }: { config?: string; wait: boolean }) =>
      choose(async (io) => {
        const { runNodeDrain } = await import('../node-drain.ts');
        return runNodeDrain({ configPath, nodeId, wait }, io);
      }),
    );
};
