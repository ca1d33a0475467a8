/**
 * The settings of alerts in the units of the code.
 */
import type { AlertConfig } from './config-connections.ts';
import type { Settings } from './schema.ts';

export function toAlertConfig(alerts: Settings['alerts']): AlertConfig {
  return {
    isEnabled: alerts.enabled,
    webhookUrl: alerts.webhook_url,
    ntfyUrl: alerts.ntfy_url,
    ntfyToken: alerts.ntfy_token,
    smtpUrl: alerts.smtp_url,
    emailFrom: alerts.email_from,
    emailTo: alerts.email_to,
    deadManUrl: alerts.dead_man_url,
    runDeadlineMs: alerts.run_deadline_hours * 3_600_000,
    breakerOpenMs: alerts.breaker_open_minutes * 60_000,
    queueStuckMs: alerts.queue_stuck_minutes * 60_000,
  };
}
