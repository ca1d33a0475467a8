/** The texts of the first page. */
import type { Condition, RunKind } from '../live/today-state.ts';
import type { Translated } from './common.ts';

/** What a city was on a day of the map. */
export type DayCell =
  | 'complete'
  | 'partial'
  | 'failed'
  | 'foreign'
  | 'quarantined'
  | 'open'
  | 'missed'
  | 'paused'
  | 'gap'
  | 'before';

interface RunWords {
  readonly run: string;
  readonly since: string;
  readonly until: string;
  readonly took: string;
  /** When something last moved. */
  readonly moved: string;
  /** Cities done, of how many. */
  readonly done: string;
  readonly cities: string;
}

const en = {
  title: 'Today',
  allComplete: (count: string) => `All ${count} cities are complete.`,
  someMissing: (count: string, total: string) => `${count} of ${total} cities are not complete today.`,
  soFar: (count: string, total: string) => `${count} of ${total} cities are complete so far.`,
  noCities: 'No city is configured, and none has been collected.',
  live: 'Live',
  lost: 'The connection is lost: this is how it was at {time}. It is tried again.',
  published: (when: string) => `Published data of ${when}`,
  theRun: 'The run of the day',
  cities: 'Cities',
  city: 'City',
  verdict: 'Verdict',
  captured: 'Captured of the portal’s total',
  new: 'New',
  changed: 'Changed',
  gone: 'Gone',
  failed: 'Failed',
  requests: 'Requests',
  rate: 'Requests a second, of those allowed',
  noLimit: 'no limit',
  time: 'Ready at, or duration',
  eta: (time: string) => `about ${time}`,
  lastComplete: 'Last complete day',
  never: 'never',
  notToday: (day: string) => `nothing since ${day}`,
  neverRun: 'has never been collected',
  progress: (city: string) => `How far ${city} is`,
  whatFailed: (count: string, city: string) => `${count} failed in ${city}: show which`,
  condition: {
    complete: 'complete',
    partial: 'partial',
    failed: 'failed',
    foreign: 'foreign',
    quarantined: 'in quarantine',
    collecting: 'being collected',
    waiting: 'waiting',
    stopped: 'broken off',
    notStarted: 'not started',
    paused: 'paused',
    missed: 'missed',
  } satisfies Record<Condition, string>,
  stopped: 'The run ended before this city was closed; what it had collected is kept.',
  breaker: (state: string, since: string) => `Breaker ${state} since ${since}.`,
  breakerState: { open: 'open', trial: 'on trial', held: 'held open by an operator' },
  breakerRetry: (time: string) => `Next try at ${time}.`,
  portalBreaker: 'The breaker of the whole portal keeps all cities from asking.',
  runSentence: {
    running: ({ run, since, done, cities }) =>
      `${run} has been going on since ${since}: ${done} of ${cities} cities done.`,
    still: ({ run, moved, done, cities }) =>
      `${run} stands still: nothing has moved since ${moved}. ${done} of ${cities} cities done.`,
    died: ({ run, since, moved }) =>
      `${run}, begun at ${since}, broke off: no process works on it any more${moved === '' ? '' : ` (last sign of life at ${moved})`}. What it had collected is kept; the next "oikotie run" of today goes on with it.`,
    unseen: ({ run, since }) =>
      `${run}, begun at ${since}, was going on when this was published; whether it still is cannot be seen.`,
    ending: ({ run }) => `${run} has come to its end; its result is about to be published.`,
    completed: ({ run, since, until, took }) => `${run} completed: from ${since} to ${until} (${took}).`,
    degraded: ({ run, since, until, took }) =>
      `${run} ended with something missing: from ${since} to ${until} (${took}).`,
    failed: ({ run, since, until }) => `${run} failed: from ${since} to ${until}.`,
    interrupted: ({ run, since, until }) =>
      `${run} was stopped: from ${since} to ${until}. The next "oikotie run" of today goes on with it.`,
    missed: () => 'The schedule started no run today: no scheduler was there.',
    paused: () => 'The schedule started no run today: it is paused.',
  } satisfies Record<RunKind, (words: RunWords) => string>,
  noRun: 'No run has begun today.',
  byHand: 'There is no scheduler: a run is started by hand or by cron (oikotie run).',
  next: (when: string) => `The next run starts at ${when}.`,
  schedulePaused: (since: string) => `The schedule is paused since ${since}: no run starts by itself.`,
  scheduleOff: 'The schedule is switched off (schedule.enabled): no run starts by itself.',
  noScheduler: 'No scheduler is running, so nothing starts by itself: oikotie scheduler.',
  without: 'It went on without:',
  unseen: (why: string) => `What goes on now cannot be seen: ${why}`,
  retired: 'No longer collected:',
  mapTitle: 'The last 60 days',
  mapHint: 'Each mark leads to what happened to the city on that day.',
  mapKey: 'What the marks mean',
  cell: {
    complete: 'complete',
    partial: 'partial',
    failed: 'failed',
    foreign: 'foreign: another municipality’s homes',
    quarantined: 'in quarantine',
    open: 'begun and not closed',
    missed: 'missed: the schedule started no run',
    paused: 'paused',
    gap: 'no run',
    before: 'before its first run',
  } satisfies Record<DayCell, string>,
};
export type TodayTexts = typeof en;

const fi: TodayTexts = {
  title: 'Tänään',
  allComplete: (count) => `Kaikkien ${count} kaupungin tiedot ovat täydelliset.`,
  someMissing: (count, total) => `Tänään vajaita kaupunkeja: ${count}/${total}.`,
  soFar: (count, total) => `Tähän mennessä valmiina: ${count}/${total} kaupunkia.`,
  noCities: 'Yhtään kaupunkia ei ole määritetty eikä kerätty.',
  live: 'Ajan tasalla',
  lost: 'Yhteys on poikki: tilanne on kello {time}. Yhteyttä yritetään uudelleen.',
  published: (when) => `Julkaistut tiedot ${when}`,
  theRun: 'Päivän ajo',
  cities: 'Kaupungit',
  city: 'Kaupunki',
  verdict: 'Tila',
  captured: 'Kerätty portaalin määrästä',
  new: 'Uusia',
  changed: 'Muuttuneita',
  gone: 'Poistuneita',
  failed: 'Epäonnistuneita',
  requests: 'Pyyntöjä',
  rate: 'Pyyntöjä sekunnissa, sallituista',
  noLimit: 'ei rajaa',
  time: 'Valmis klo tai kesto',
  eta: (time) => `noin ${time}`,
  lastComplete: 'Viimeksi täydellinen',
  never: 'ei koskaan',
  notToday: (day) => `ei mitään ${day} jälkeen`,
  neverRun: 'ei ole kerätty koskaan',
  progress: (city) => `${city}: kuinka pitkällä ollaan`,
  whatFailed: (count, city) => `${city}: ${count} epäonnistunutta, näytä mitkä`,
  condition: {
    complete: 'täydellinen',
    partial: 'osittainen',
    failed: 'epäonnistunut',
    foreign: 'väärä kunta',
    quarantined: 'karanteenissa',
    collecting: 'kerätään',
    waiting: 'odottaa',
    stopped: 'jäi kesken',
    notStarted: 'ei aloitettu',
    paused: 'keskeytetty',
    missed: 'jäi väliin',
  },
  stopped: 'Ajo päättyi ennen kuin kaupunki oli valmis; kerätyt tiedot ovat tallessa.',
  breaker: (state, since) => `Katkaisin ${state} ${since} alkaen.`,
  breakerState: { open: 'auki', trial: 'koekäytössä', held: 'ylläpitäjän auki pitämä' },
  breakerRetry: (time) => `Seuraava yritys klo ${time}.`,
  portalBreaker: 'Koko portaalin katkaisin estää kaikkien kaupunkien pyynnöt.',
  runSentence: {
    running: ({ run, since, done, cities }) =>
      `${run} on ollut käynnissä klo ${since} alkaen: valmiina ${done}/${cities} kaupunkia.`,
    still: ({ run, moved, done, cities }) =>
      `${run} seisoo: mikään ei ole edennyt klo ${moved} jälkeen. Valmiina ${done}/${cities} kaupunkia.`,
    died: ({ run, since, moved }) =>
      `${run} (alkoi klo ${since}) katkesi: mikään prosessi ei enää tee sitä${moved === '' ? '' : ` (viimeinen elonmerkki klo ${moved})`}. Kerätyt tiedot ovat tallessa; päivän seuraava "oikotie run" jatkaa siitä.`,
    unseen: ({ run, since }) =>
      `${run} (alkoi klo ${since}) oli käynnissä, kun tiedot julkaistiin; ei näy, onko se yhä.`,
    ending: ({ run }) => `${run} on päättynyt; tulos julkaistaan pian.`,
    completed: ({ run, since, until, took }) => `${run} onnistui: klo ${since}–${until} (${took}).`,
    degraded: ({ run, since, until, took }) => `${run} päättyi vajaana: klo ${since}–${until} (${took}).`,
    failed: ({ run, since, until }) => `${run} epäonnistui: klo ${since}–${until}.`,
    interrupted: ({ run, since, until }) =>
      `${run} pysäytettiin: klo ${since}–${until}. Päivän seuraava "oikotie run" jatkaa siitä.`,
    missed: () => 'Aikataulun ajo jäi tänään väliin: ajastin ei ollut käynnissä.',
    paused: () => 'Aikataulun ajo jäi tänään väliin: aikataulu on keskeytetty.',
  },
  noRun: 'Tänään ei ole alkanut yhtään ajoa.',
  byHand: 'Ajastinta ei ole: ajo käynnistetään käsin tai cronilla (oikotie run).',
  next: (when) => `Seuraava ajo alkaa ${when}.`,
  schedulePaused: (since) => `Aikataulu on keskeytetty ${since} alkaen: yksikään ajo ei ala itsestään.`,
  scheduleOff: 'Aikataulu on pois päältä (schedule.enabled): yksikään ajo ei ala itsestään.',
  noScheduler: 'Ajastin ei ole käynnissä, joten mikään ei ala itsestään: oikotie scheduler.',
  without: 'Ajolta puuttui:',
  unseen: (why) => `Ei näy, mitä nyt tapahtuu: ${why}`,
  retired: 'Ei enää kerätä:',
  mapTitle: 'Viimeiset 60 päivää',
  mapHint: 'Merkistä pääsee siihen, mitä kaupungille sinä päivänä tapahtui.',
  mapKey: 'Merkkien selitykset',
  cell: {
    complete: 'täydellinen',
    partial: 'osittainen',
    failed: 'epäonnistunut',
    foreign: 'väärä kunta: toisen kunnan asuntoja',
    quarantined: 'karanteenissa',
    open: 'aloitettu mutta kesken',
    missed: 'jäi väliin: ajo ei alkanut aikataulussa',
    paused: 'keskeytetty',
    gap: 'ei ajoa',
    before: 'ennen ensimmäistä ajoa',
  },
};

export const todayTexts: Translated<TodayTexts> = { en, fi };
