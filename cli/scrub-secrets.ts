/**
 * Takes secrets out of texts that are to be shared: those that are configured, wherever they stand, and whatever stands where
 * URLs have a password. Logs hold none by rule; this is the second lock.
 */
import type { EffectiveKnob } from '../config/read-section.ts';

/** Shorter ones would be found in every other word. */
const shortestSecret = 6;
const urlPassword = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*):[^\s/@"']+@/gi;

/** The texts with each secret value as `[hidden]`. */
export function withoutSecrets(
  files: Readonly<Record<string, string>>,
  knobs: readonly EffectiveKnob[],
): Readonly<Record<string, string>> {
  const secrets = knobs.filter(({ knob }) => knob.sensitive).flatMap(({ value }) => secretsOf(value));
  const scrub = (text: string) =>
    secrets.reduce((clean, secret) => clean.replaceAll(secret, '[hidden]'), text).replace(urlPassword, '$1:***@');
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, scrub(text)]));
}

/** The value itself, and the password of a URL, as it is and decoded. */
function secretsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(secretsOf);
  if (typeof value !== 'string') return [];
  const password = URL.canParse(value) ? new URL(value).password : '';
  const all = [value, password, decoded(password)].filter((secret) => secret.length >= shortestSecret);
  // The longest first: a URL goes before the password in it.
  return [...new Set(all)].sort((one, other) => other.length - one.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A % that encodes nothing: the password is the text itself.
  }
}
