/**
 * The knobs under `audit`: the secret that the chain of audit events is sealed with. Data only.
 */
import { nullable, textKind, textListKind } from './kinds.ts';
import { knob } from './knob.ts';

export const shortestKey = 32;
const secret = new RegExp(`^\\S{${shortestKey},}$`);

export const audit = {
  key: knob(null, {
    doc: 'Secret that new audit events are sealed with, so that who does not have it cannot write the trail anew; null seals them without one. The same for all processes.',
    env: 'SCRAPER_AUDIT_KEY',
    sensitive: true,
    kind: nullable(textKind(`a text of ${shortestKey} characters or more without spaces`, secret)),
  }),
  key_file: knob(null, {
    doc: 'File that holds that secret, instead of `key`.',
    env: 'SCRAPER_AUDIT_KEY_PATH',
    unit: 'path',
    kind: nullable(textKind('a path')),
  }),
  earlier_keys: knob([], {
    doc: 'Secrets that were in use before: what they have sealed can be checked, nothing new is sealed with them.',
    unit: 'in the environment separated by commas',
    env: 'SCRAPER_AUDIT_EARLIER_KEYS',
    sensitive: true,
    kind: textListKind(`a list of texts of ${shortestKey} characters or more without spaces`, secret),
  }),
};
