/** The texts of the first page. */
import type { Translated } from './common.ts';

const en = {
  title: 'Today',
  allComplete: (count: string) => `All ${count} cities are complete.`,
  someMissing: (count: string, total: string) => `${count} of ${total} cities are not complete today.`,
  city: 'City',
  verdict: 'Verdict',
  captured: 'Captured of the portal’s total',
  new: 'New',
  changed: 'Changed',
  gone: 'Gone',
  failed: 'Failed',
  requests: 'Requests',
  lastComplete: 'Last complete day',
  quarantined: 'in quarantine',
  notToday: (day: string) => `nothing since ${day}`,
};
export type TodayTexts = typeof en;

const fi: TodayTexts = {
  title: 'Tänään',
  allComplete: (count) => `Kaikki ${count} kaupunkia ovat täydellisiä.`,
  someMissing: (count, total) => `${count} kaupunkia ${total}:sta ei ole tänään täydellinen.`,
  city: 'Kaupunki',
  verdict: 'Tila',
  captured: 'Kerätty portaalin määrästä',
  new: 'Uusia',
  changed: 'Muuttuneita',
  gone: 'Poistuneita',
  failed: 'Epäonnistuneita',
  requests: 'Pyyntöjä',
  lastComplete: 'Viimeksi täydellinen',
  quarantined: 'karanteenissa',
  notToday: (day) => `ei mitään ${day} jälkeen`,
};

export const todayTexts: Translated<TodayTexts> = { en, fi };
