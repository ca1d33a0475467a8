/**
 * The ways by which a person is told of alerts: a webhook, ntfy, mail. Each sends one message, or throws why it could not.
 */
import type { AlertConfig } from '../config/config-connections.ts';
import { keyOf } from '../src/alerts/alert.ts';
import type { AlertMessage } from '../src/alerts/message.ts';
import { runbookOf } from '../src/alerts/message.ts';
import { messageOf } from '../src/errors.ts';
import { sendHttpMessage } from './post-message.ts';

export interface AlertChannel {
  readonly name: 'webhook' | 'ntfy' | 'email';
  /** @throws Error that says why it was not taken; no address and no password is in it. */
  readonly send: (message: AlertMessage) => Promise<void>;
}

/** How long a mail server may take for a step. */
const mailStepMs = 10_000;

/** The channels that are configured; none when there is none. */
export function createAlertChannels(config: AlertConfig): readonly AlertChannel[] {
  const { webhookUrl, ntfyUrl, ntfyToken, smtpUrl } = config;
  return [
    ...(webhookUrl === null ? [] : [webhookChannel(webhookUrl)]),
    ...(ntfyUrl === null ? [] : [ntfyChannel(ntfyUrl, ntfyToken)]),
    ...(smtpUrl === null ? [] : [emailChannel(smtpUrl, config)]),
  ];
}

/** `text` is what Slack and Mattermost show; the rest is for programs. */
function webhookChannel(url: string): AlertChannel {
  return {
    name: 'webhook',
    send: ({ title, text, events, nodeId, sentAtUtc }) => {
      const alerts = events.map((event) => ({ ...event, key: keyOf(event), runbook: runbookOf(event.kind) }));
      const body = JSON.stringify({
        format: 1,
        source: 'oikotie',
        nodeId,
        sentAtUtc,
        title,
        text: `${title}\n${text}`,
        alerts,
      });
      return sendHttpMessage({ url, method: 'POST', headers: { 'content-type': 'application/json' }, body });
    },
  };
}

/** https://docs.ntfy.sh/publish */
function ntfyChannel(url: string, token: string | null): AlertChannel {
  return {
    name: 'ntfy',
    send: ({ title, text, isBad }) => {
      const headers = {
        title,
        priority: isBad ? 'high' : 'default',
        tags: isBad ? 'warning' : 'white_check_mark',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      };
      return sendHttpMessage({ url, method: 'POST', headers, body: text });
    },
  };
}

function emailChannel(smtpUrl: string, { emailFrom, emailTo }: AlertConfig): AlertChannel {
  return {
    name: 'email',
    send: async ({ title, text, isBad }) => {
      // Loaded when there is something to send.
      const { createTransport } = await import('nodemailer');
      const timeouts = { connectionTimeout: mailStepMs, greetingTimeout: mailStepMs, socketTimeout: mailStepMs };
      const transport = createTransport({ ...mailServerOf(smtpUrl), ...timeouts });
      try {
        await transport.sendMail({
          from: emailFrom ?? undefined,
          to: [...emailTo],
          subject: title,
          text,
          priority: isBad ? 'high' : 'normal',
          // Nothing of a message may name a file or an address to be read.
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (error) {
        throw new Error(`the mail server did not take it: ${withoutSecret(messageOf(error), smtpUrl)}`, {
          cause: error,
        });
      } finally {
        transport.close();
      }
    },
  };
}

/** Of `smtp://user:password@host:587`: encrypted as soon as the server offers it; `smtps://`: from the start. */
function mailServerOf(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol.toLowerCase() === 'smtps:';
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    // A password goes over an encrypted connection only, except on this machine.
    requireTLS: !secure && user !== '' && !isLoopback(hostname),
    ...(user === '' ? {} : { auth: { user, pass } }),
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function withoutSecret(text: string, smtpUrl: string): string {
  const { password } = new URL(smtpUrl);
  return password === '' ? text : text.replaceAll(decodeURIComponent(password), '***');
}
