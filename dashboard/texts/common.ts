/**
 * The texts of what all pages share, in both languages. Each section of the dashboard has a file of its own beside this one.
 */
export const languages = ['en', 'fi'] as const;
export type Language = (typeof languages)[number];

/** The same texts in each language: the type of one is the type of the other. */
export type Translated<Texts> = Readonly<Record<Language, Texts>>;

const en = {
  skip: 'Skip to the content',
  sections: 'Sections',
  today: 'Today',
  listings: 'Listings',
  map: 'Map',
  market: 'Market',
  executions: 'Runs',
  quality: 'Quality',
  cluster: 'Cluster',
  queues: 'Queues',
  signIn: 'Sign in',
  signOut: 'Sign out',
  userName: 'User name',
  password: 'Password',
  wrongPassword: 'That user name and password do not belong together.',
  otherLanguage: 'Suomeksi',
  dataOf: (when: string, age: string) => `Data of ${when} (${age} old)`,
  noData: 'Nothing has been published yet',
  problem: 'This did not work',
  backToToday: 'Back to today',
  notThere: 'There is no such page.',
  signInFirst: 'Sign in first.',
  operatorsOnly: 'Only an operator may do that.',
  formTooOld: 'The form was too old. Go back, load the page again, and send it once more.',
  tooManyTries: 'Too many tries. Wait a quarter of an hour.',
  noSnapshot:
    'There is no data to show yet: it comes with the first city of a run. Start one with `oikotie run`, and keep publish.snapshots on.',
  otherVersion:
    'What is published is of another version of the program. The next city of a run publishes it anew; without a run, start the dashboard again.',
  failed: 'Something failed on our side. It is in the log.',
  complete: 'complete',
  partial: 'partial',
  failedVerdict: 'failed',
  foreign: 'foreign',
  open: 'not closed yet',
  loading: 'live',
  api: 'JSON interface',
  pages: 'Pages',
  pageBefore: 'Previous page',
  pageAfter: 'Next page',
  pageOf: (page: string, pages: string) => `Page ${page} of ${pages}`,
  noQueues:
    'There are no queues here: runs are made by one process, whose jobs are in its memory. With a Redis (cluster_coordination.redis_url) this page shows every queue and job.',
};
export type CommonTexts = typeof en;

const fi: CommonTexts = {
  skip: 'Siirry sisältöön',
  sections: 'Osiot',
  today: 'Tänään',
  listings: 'Ilmoitukset',
  map: 'Kartta',
  market: 'Markkina',
  executions: 'Ajot',
  quality: 'Laatu',
  cluster: 'Klusteri',
  queues: 'Jonot',
  signIn: 'Kirjaudu sisään',
  signOut: 'Kirjaudu ulos',
  userName: 'Käyttäjätunnus',
  password: 'Salasana',
  wrongPassword: 'Käyttäjätunnus ja salasana eivät kuulu yhteen.',
  otherLanguage: 'In English',
  dataOf: (when, age) => `Tiedot ${when} (${age} vanhat)`,
  noData: 'Mitään ei ole vielä julkaistu',
  problem: 'Tämä ei onnistunut',
  backToToday: 'Takaisin tähän päivään',
  notThere: 'Sellaista sivua ei ole.',
  signInFirst: 'Kirjaudu ensin sisään.',
  operatorsOnly: 'Vain ylläpitäjä voi tehdä tämän.',
  formTooOld: 'Lomake oli liian vanha. Palaa takaisin, lataa sivu uudelleen ja lähetä se uudestaan.',
  tooManyTries: 'Liian monta yritystä. Odota neljännestunti.',
  noSnapshot:
    'Näytettävää ei vielä ole: tiedot tulevat ajon ensimmäisen kaupungin myötä. Käynnistä ajo komennolla `oikotie run` ja pidä publish.snapshots päällä.',
  otherVersion:
    'Julkaistut tiedot ovat ohjelman toisesta versiosta. Ajon seuraava kaupunki julkaisee ne uudelleen; jos ajoa ei ole, käynnistä näkymä uudelleen.',
  failed: 'Jokin meni meillä vikaan. Tieto on lokissa.',
  complete: 'täydellinen',
  partial: 'osittainen',
  failedVerdict: 'epäonnistunut',
  foreign: 'väärä kunta',
  open: 'vielä auki',
  loading: 'ajan tasalla',
  api: 'JSON-rajapinta',
  pages: 'Sivut',
  pageBefore: 'Edellinen sivu',
  pageAfter: 'Seuraava sivu',
  pageOf: (page, pages) => `Sivu ${page}/${pages}`,
  noQueues:
    'Täällä ei ole jonoja: ajot tekee yksi prosessi, jonka työt ovat sen muistissa. Kun käytössä on Redis (cluster_coordination.redis_url), tällä sivulla näkyvät kaikki jonot ja työt.',
};

export const commonTexts: Translated<CommonTexts> = { en, fi };
