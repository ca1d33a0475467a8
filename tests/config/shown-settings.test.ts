import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask } from './config-file.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
});
afterEach(() => folder.remove());

it('shows the settings in force by city and key, with secrets hidden', () => {
  folder.write({
    tasks: [helsinkiTask({ rate_limit_seconds: 3 })],
    global_settings: { cluster_coordination: { redis_url: 'redis://user:hunter2@127.0.0.1:6379' } },
  });

  const { shownSettings } = folder.load().config;

  expect(shownSettings).toMatchObject({
    'tasks[Helsinki].rate_limit_seconds': 3,
    'global_settings.concurrent_cities': 1,
    'global_settings.cluster_coordination.redis_url': 'redis://user:***@127.0.0.1:6379',
  });
  expect(JSON.stringify(shownSettings)).not.toContain('hunter2');
});
