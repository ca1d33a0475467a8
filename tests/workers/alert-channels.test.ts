import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AlertConfig } from '../../config/config-connections.ts';
import { messageFor, testMessage } from '../../src/alerts/message.ts';
import type { AlertChannel } from '../../workers/alert-channels.ts';
import { createAlertChannels } from '../../workers/alert-channels.ts';
import { sendHttpMessage } from '../../workers/post-message.ts';
import type { MailServer, WebServer } from './message-servers.ts';
import { startMailServer, startWebServer } from './message-servers.ts';

let web: WebServer;
let mail: MailServer;
beforeAll(async () => {
  [web, mail] = await Promise.all([startWebServer(), startMailServer('s%cret')]);
});
beforeEach(() => {
  web.answer = 200;
});
afterAll(() => Promise.all([web.close(), mail.close()]));

const nobody: AlertConfig = {
  ...{ webhookUrl: null, ntfyUrl: null, ntfyToken: null, smtpUrl: null, emailFrom: null, emailTo: [] },
  ...{ isEnabled: true, deadManUrl: null, runDeadlineMs: 1, breakerOpenMs: 1, queueStuckMs: 1 },
};
function channelOf(config: Partial<AlertConfig>): AlertChannel {
  const [channel] = createAlertChannels({ ...nobody, ...config });
  if (channel === undefined) throw new Error('no channel is configured');
  return channel;
}
const mailOf = (user: string) =>
  channelOf({
    smtpUrl: `smtp://${user}@127.0.0.1:${mail.port}`,
    emailFrom: 'oikotie@example.org',
    emailTo: ['me@example.org', 'you@example.org'],
  });

const source = { nodeId: 'node-1', sentAtUtc: '2026-11-22T05:00:00.000Z' };
const alert = {
  kind: 'city_incomplete',
  subject: 'Jyväskylä',
  summary: 'Jyväskylä is partial: 3 listings failed',
} as const;
const openedAtUtc = '2026-11-22T04:59:00.000Z';
const opened = { ...alert, openedAtUtc, type: 'opened', atUtc: openedAtUtc } as const;
const message = messageFor([opened, { ...opened, subject: 'Oulu', type: 'resolved' }], source);

describe('a channel of alerts', () => {
  it('posts JSON to a webhook, with the text that chats show and an entry per alert', async () => {
    await channelOf({ webhookUrl: `${web.origin.replace('//', '//me:s%21cret@')}/hook/T0/secret` }).send(message);

    const { method, path, headers, body } = web.requests.at(-1) ?? {};
    expect([method, path, headers?.['content-type']]).toEqual(['POST', '/hook/T0/secret', 'application/json']);
    expect(headers?.authorization).toBe(`Basic ${Buffer.from('me:s!cret').toString('base64')}`);
    const sent = JSON.parse(body ?? '');
    expect(sent).toMatchObject({ format: 1, ...source, title: 'oikotie: 1 alert opened, 1 resolved' });
    expect(sent.text).toContain('OPENED city_incomplete: Jyväskylä is partial: 3 listings failed');
    expect(sent.alerts).toHaveLength(2);
    expect(sent.alerts[0]).toMatchObject({
      ...alert,
      key: 'city_incomplete/Jyväskylä',
      type: 'opened',
      runbook: 'docs/alerts.md#city-incomplete',
    });
  });

  it('sends the text to ntfy with title, priority and token', async () => {
    await channelOf({ ntfyUrl: `${web.origin}/topic`, ntfyToken: 'tk_1' }).send(message);

    const { path, headers, body } = web.requests.at(-1) ?? {};
    expect([path, headers?.['title'], headers?.['priority']]).toEqual(['/topic', message.title, 'high']);
    expect(headers?.authorization).toBe('Bearer tk_1');
    expect(body).toBe(message.text);
  });

  it('sends a mail through a mail server that asks for a password', async () => {
    await mailOf('me:s%25cret').send(message);

    const { from, to, text } = mail.mails.at(-1) ?? { text: '' };
    expect([from, to]).toEqual(['oikotie@example.org', ['me@example.org', 'you@example.org']]);
    expect(text).toContain('Subject: oikotie: 1 alert opened, 1 resolved\r\n');
    expect(text).toContain('To: me@example.org, you@example.org\r\n');
  });

  it('says why a message was not taken, without the address or the password', async () => {
    const hook = channelOf({ webhookUrl: `${web.origin}/hook/secret` });
    const failureOf = (sent: Promise<void>) =>
      sent.then(
        () => '',
        (error: Error) => error.message,
      );
    web.answer = 500;
    const broken = await failureOf(hook.send(testMessage(source)));
    web.answer = 302;
    const elsewhere = await failureOf(hook.send(testMessage(source)));
    web.answer = null;
    const parts = { url: `${web.origin}/hook/secret`, method: 'GET', headers: {}, body: null } as const;
    const silent = await failureOf(sendHttpMessage(parts, 50));
    const gone = await failureOf(channelOf({ ntfyUrl: 'http://127.0.0.1:9/secret' }).send(testMessage(source)));
    const refused = await failureOf(mailOf('me:wrong-one').send(testMessage(source)));

    expect(broken).toBe('its URL answers with status 500');
    expect(elsewhere).toMatch(/^its URL redirects elsewhere \(status 302\), which is not followed/);
    expect(silent).toBe('its URL does not answer: nothing within 0.05 s');
    expect(gone).toMatch(/^its URL does not answer: /);
    expect(refused).toMatch(/^the mail server did not take it: .*wrong password \*\*\*/);
    expect([broken, elsewhere, silent, gone, refused].join()).not.toMatch(/secret|wrong-one/);
    expect(web.requests.some(({ path }) => path === '/elsewhere')).toBe(false);
  });

  it('gives a password to another machine over an encrypted connection only', async () => {
    const url = `smtp://me:s%25cret@localhost.localdomain:${mail.port}`;
    const channel = channelOf({ smtpUrl: url, emailFrom: 'a@example.org', emailTo: ['b@example.org'] });
    const before = mail.mails.length;

    await expect(channel.send(testMessage(source))).rejects.toThrow('the mail server did not take it');

    expect(mail.mails).toHaveLength(before);
  });
});
