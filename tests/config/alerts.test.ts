import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigFolder } from './config-file.ts';
import { createConfigFolder, helsinkiTask } from './config-file.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = createConfigFolder();
});
afterEach(() => folder.remove());

const write = (alerts: object): void => folder.write({ tasks: [helsinkiTask()], global_settings: { alerts } });

describe('the settings of alerts', () => {
  it('are shown without what is secret: paths of webhooks, topics, tokens, passwords', () => {
    write({
      webhook_url: 'https://hooks.example.org/services/T0/hunter2',
      ntfy_url: 'https://ntfy.example.org/hunter2',
      ntfy_token: 'tk_hunter2',
      smtp_url: 'smtps://me:hunter2@mail.example.org',
      email_from: 'me@example.org',
      email_to: ['you@example.org'],
      dead_man_url: 'https://hc.example.org/hunter2',
    });

    const { config } = folder.load();

    expect(config.alerts).toMatchObject({
      webhookUrl: 'https://hooks.example.org/services/T0/hunter2',
      emailTo: ['you@example.org'],
      runDeadlineMs: 6 * 3_600_000,
      breakerOpenMs: 30 * 60_000,
    });
    expect(config.shownSettings).toMatchObject({
      'global_settings.alerts.webhook_url': 'https://hooks.example.org/***',
      'global_settings.alerts.ntfy_token': '[hidden]',
      'global_settings.alerts.smtp_url': 'smtps://me:***@mail.example.org',
    });
    expect(JSON.stringify(config.shownSettings)).not.toContain('hunter2');
  });

  it('need a sender and somebody who gets it when mail is sent, and refuse what is no address', () => {
    write({ smtp_url: 'smtp://mail.example.org' });
    const without = folder.problems();
    write({ smtp_url: 'http://mail.example.org', email_to: ['you@example.org, them@example.org'] });
    const wrong = folder.problems();

    expect(without).toEqual([
      expect.stringMatching(
        /^global_settings\.alerts\.email_from: expected the sender .*, got null; set alerts\.email_from/,
      ),
      expect.stringMatching(/^global_settings\.alerts\.email_to: expected at least one address .*, got \[\]; set/),
    ]);
    expect(wrong).toEqual([
      expect.stringContaining('global_settings.alerts.smtp_url: expected an smtp or smtps URL, or null, got'),
      expect.stringContaining('global_settings.alerts.email_to: expected a list of mail addresses'),
    ]);
    expect(JSON.stringify(wrong)).not.toContain('hunter2');
  });
});
