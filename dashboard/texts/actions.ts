/** The texts of what an operator may do: what each action means before it is done, and what became of it. */
import type { ActionKind, RefusalReason } from '../operator-actions.ts';
import type { Translated } from './common.ts';

interface ActionWords {
  /** On a button. */
  readonly button: string;
  /** Title of the page that asks. `about` names the city, breaker, node or execution. */
  readonly title: (about: string) => string;
  readonly meaning: string;
  readonly done: (about: string) => string;
  /** What to type where the dashboard cannot do it; null when there is nothing to type. */
  readonly instead: ((about: string) => string) | null;
}

export interface ActionTexts {
  readonly kinds: Readonly<Record<ActionKind, ActionWords>>;
  readonly refusals: Readonly<Record<RefusalReason, (about: string) => string>>;
  readonly allCities: string;
  readonly limit: string;
  readonly limitHint: string;
  readonly rate: string;
  readonly rateHint: string;
  readonly workers: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly back: string;
  readonly done: string;
  readonly refused: string;
  readonly failed: string;
  readonly failedHalfWay: string;
  readonly instead: string;
  readonly recorded: string;
  readonly actions: string;
}

const runInstead = (city: string) => (city === '' ? 'oikotie run' : `oikotie run --city "${city}"`);

const en: ActionTexts = {
  kinds: {
    run: {
      button: 'Run now',
      title: (city) => (city === '' ? 'Run all cities now' : `Run ${city} now`),
      meaning:
        'A run is put on its queue at once, beside the schedule. Budgets, quiet hours and limits hold as in any run.',
      done: (run) => `${run} is on its queue.`,
      instead: runInstead,
    },
    'retry-failed': {
      button: 'Retry what failed',
      title: (city) => `Retry what failed in ${city}`,
      meaning:
        'A run of this city is put on its queue. It reads the whole list again and asks once more for every listing whose last try failed; a listing that is unchanged is not asked for.',
      done: (run) => `${run} is on its queue; it asks for the failed listings again.`,
      instead: runInstead,
    },
    'accept-drop': {
      button: 'Accept the drop',
      title: (city) => `Accept that ${city} has lost many listings`,
      meaning:
        'A run of this city is put on its queue in which listings that are no longer listed are marked gone, however many. Do this only when you have seen at the portal that they are gone.',
      done: (run) => `${run} is on its queue and accepts the drop.`,
      instead: (city) => `oikotie run --city "${city}" --accept-drop`,
    },
    'pause-schedule': {
      button: 'Pause the schedule',
      title: () => 'Pause the schedule',
      meaning: 'No run starts by itself until the schedule is resumed. A run that is under way goes on.',
      done: () => 'The schedule is paused.',
      instead: null,
    },
    'resume-schedule': {
      button: 'Resume the schedule',
      title: () => 'Resume the schedule',
      meaning: 'Runs start by themselves again. A run of today that was left out is caught up at once.',
      done: () => 'The schedule is resumed.',
      instead: null,
    },
    'pause-city': {
      button: 'Pause',
      title: (city) => `Pause ${city}`,
      meaning:
        'Nothing more is asked for this city until it is resumed, in later runs too; requests under way are finished. A run does not end while one of its cities is paused.',
      done: () => 'The city is paused.',
      instead: (city) => `oikotie breaker open "${city}"`,
    },
    'resume-city': {
      button: 'Resume',
      title: (city) => `Resume ${city}`,
      meaning: 'The city goes on where it was paused.',
      done: () => 'The city goes on.',
      instead: (city) => `oikotie breaker close "${city}"`,
    },
    'set-limits': {
      button: 'Change the rate',
      title: (city) => `Change how fast ${city} is asked`,
      meaning:
        'It holds on every node at once and for later runs, until it is reset. A longer Crawl-delay of robots.txt and the limit of the whole portal hold all the same.',
      done: (limits) => `In force now: ${limits}.`,
      instead: null,
    },
    'reset-limits': {
      button: 'As configured',
      title: (city) => `Ask ${city} as configured again`,
      meaning: 'What an operator has set for this city is forgotten.',
      done: (limits) => `In force now: ${limits}.`,
      instead: null,
    },
    'open-breaker': {
      button: 'Hold open',
      title: (breaker) => `Hold the breaker of ${breaker} open`,
      meaning:
        'Nothing is asked until it is closed or reset. A city of a run that waits longer than it may ends as partial.',
      done: () => 'The breaker is held open.',
      instead: null,
    },
    'close-breaker': {
      button: 'Close',
      title: (breaker) => `Close the breaker of ${breaker}`,
      meaning: 'Requests pass again at once; a node that is kept from asking stays so.',
      done: () => 'The breaker is closed.',
      instead: null,
    },
    'reset-breaker': {
      button: 'Reset',
      title: (breaker) => `Reset the breaker of ${breaker}`,
      meaning: 'It is as new: closed, nothing counted, no node kept from asking.',
      done: () => 'The breaker is reset.',
      instead: null,
    },
    'drain-node': {
      button: 'Drain',
      title: (node) => `Drain ${node}`,
      meaning: 'The node takes nothing new, finishes or gives back what is active, and ends.',
      done: () => 'The node is asked to drain.',
      instead: null,
    },
    'release-quarantine': {
      button: 'Release',
      title: (city) => `Release the quarantine of ${city}`,
      meaning: 'The changes of that run are accepted, except where something newer has come.',
      done: (count) => (count === '' ? 'The store has released it.' : `Released listings: ${count}.`),
      instead: null,
    },
    'discard-quarantine': {
      button: 'Discard',
      title: (city) => `Discard the quarantine of ${city}`,
      meaning: 'The changes of that run are forgotten; the records stay as they were before it.',
      done: (count) => (count === '' ? 'The store has discarded it.' : `Discarded listings: ${count}.`),
      instead: null,
    },
  },
  refusals: {
    needs_cluster: () =>
      'There is no cluster here: runs are made by one process, which the dashboard does not start and cannot reach.',
    cluster_away: (why) => `Redis does not answer, so nothing was asked of the cluster. ${why}`,
    run_under_way: (run) => `${run} is under way. Wait until it has ended, then try again.`,
    unknown_city: (city) => `There is no configured city called ${city}.`,
    unknown_breaker: (breaker) => `There is no breaker called ${breaker}.`,
    unknown_node: (node) => `There is no node called ${node}; it may have ended.`,
    node_offline: (node) => `${node} is offline and cannot hear. Others take its jobs when their locks end.`,
    nothing_set: (city) => `Nothing was set for ${city}: it is asked as configured.`,
    unchanged: () => 'It was so already.',
    no_quarantine: (why) => `There is no such quarantine that is open: somebody may have decided it. ${why}`,
    database_held: () => 'A run holds the database. Wait until it has ended, then try again.',
  },
  allCities: 'All enabled cities',
  limit: 'Listings of each city at most',
  limitHint: 'Leave it empty for all. A limited run is never complete.',
  rate: 'Requests per second',
  rateHint: 'Leave one of them empty to keep it as it is.',
  workers: 'Pages at once, over all nodes',
  confirm: 'Yes, do it',
  cancel: 'No, go back',
  back: 'Back',
  done: 'Done',
  refused: 'Not done; nothing has changed',
  failed: 'It failed on the way',
  failedHalfWay: 'Part of it may have been done. Look at the cluster page before you try again.',
  instead: 'Type this on the machine instead:',
  recorded: 'What you do is recorded with your name.',
  actions: 'Actions',
};

const fi: ActionTexts = {
  kinds: {
    run: {
      button: 'Aja nyt',
      title: (city) => (city === '' ? 'Aja kaikki kaupungit nyt' : `Aja nyt: ${city}`),
      meaning:
        'Ajo viedään heti jonoon aikataulusta riippumatta. Pyyntökiintiöt, hiljaiset tunnit ja rajat ovat voimassa kuten muulloinkin.',
      done: (run) => `${run} on jonossa.`,
      instead: runInstead,
    },
    'retry-failed': {
      button: 'Yritä epäonnistuneita uudelleen',
      title: (city) => `Yritä epäonnistuneita uudelleen: ${city}`,
      meaning:
        'Kaupungin ajo viedään jonoon. Se lukee koko listan uudestaan ja pyytää jälleen ilmoitukset, joiden viimeisin yritys epäonnistui; muuttumattomia ei pyydetä.',
      done: (run) => `${run} on jonossa; se pyytää epäonnistuneet ilmoitukset uudestaan.`,
      instead: runInstead,
    },
    'accept-drop': {
      button: 'Hyväksy väheneminen',
      title: (city) => `Hyväksy ilmoitusten väheneminen: ${city}`,
      meaning:
        'Jonoon viedään kaupungin ajo, jossa listalta kadonneet ilmoitukset merkitään poistuneiksi, oli niitä kuinka paljon tahansa. Tee näin vain, jos olet nähnyt portaalista, että ne ovat poistuneet.',
      done: (run) => `${run} on jonossa ja hyväksyy vähenemisen.`,
      instead: (city) => `oikotie run --city "${city}" --accept-drop`,
    },
    'pause-schedule': {
      button: 'Keskeytä aikataulu',
      title: () => 'Keskeytä aikataulu',
      meaning: 'Yksikään ajo ei käynnisty itsestään ennen kuin aikataulu on palautettu. Käynnissä oleva ajo jatkuu.',
      done: () => 'Aikataulu on keskeytetty.',
      instead: null,
    },
    'resume-schedule': {
      button: 'Palauta aikataulu',
      title: () => 'Palauta aikataulu',
      meaning: 'Ajot käynnistyvät taas itsestään. Tältä päivältä väliin jäänyt ajo käynnistyy heti.',
      done: () => 'Aikataulu on taas voimassa.',
      instead: null,
    },
    'pause-city': {
      button: 'Keskeytä',
      title: (city) => `Keskeytä: ${city}`,
      meaning:
        'Kaupungista ei pyydetä enää mitään ennen kuin sitä jatketaan, ei myöhemmissäkään ajoissa; käynnissä olevat pyynnöt viedään loppuun. Ajo ei pääty niin kauan kuin jokin sen kaupungeista on keskeytetty.',
      done: () => 'Kaupunki on keskeytetty.',
      instead: (city) => `oikotie breaker open "${city}"`,
    },
    'resume-city': {
      button: 'Jatka',
      title: (city) => `Jatka: ${city}`,
      meaning: 'Kaupunki jatkuu siitä, mihin se jäi.',
      done: () => 'Kaupunki jatkuu.',
      instead: (city) => `oikotie breaker close "${city}"`,
    },
    'set-limits': {
      button: 'Muuta tahtia',
      title: (city) => `Muuta pyyntötahtia: ${city}`,
      meaning:
        'Muutos tulee heti voimaan kaikissa solmuissa ja pätee myös myöhemmissä ajoissa, kunnes se perutaan. Robots.txt:n pidempi Crawl-delay ja koko portaalin raja pätevät silti.',
      done: (limits) => `Nyt voimassa: ${limits}.`,
      instead: null,
    },
    'reset-limits': {
      button: 'Palauta asetettu tahti',
      title: (city) => `Palauta asetustiedoston tahti: ${city}`,
      meaning: 'Ylläpitäjän kaupungille asettamat rajat unohdetaan.',
      done: (limits) => `Nyt voimassa: ${limits}.`,
      instead: null,
    },
    'open-breaker': {
      button: 'Pidä auki',
      title: (breaker) => `Pidä katkaisin auki: ${breaker}`,
      meaning:
        'Mitään ei pyydetä ennen kuin katkaisin suljetaan tai nollataan. Jos ajon kaupunki odottaa sallittua kauemmin, se jää osittaiseksi.',
      done: () => 'Katkaisinta pidetään auki.',
      instead: null,
    },
    'close-breaker': {
      button: 'Sulje',
      title: (breaker) => `Sulje katkaisin: ${breaker}`,
      meaning: 'Pyynnöt kulkevat taas heti; erilleen jätetty solmu pysyy erillään.',
      done: () => 'Katkaisin on suljettu.',
      instead: null,
    },
    'reset-breaker': {
      button: 'Nollaa',
      title: (breaker) => `Nollaa katkaisin: ${breaker}`,
      meaning: 'Katkaisin on kuin uusi: suljettu, mitään ei ole laskettu eikä yhtään solmua jätetä erilleen.',
      done: () => 'Katkaisin on nollattu.',
      instead: null,
    },
    'drain-node': {
      button: 'Tyhjennä',
      title: (node) => `Tyhjennä solmu: ${node}`,
      meaning: 'Solmu ei ota uutta työtä, vie kesken olevan loppuun tai palauttaa sen ja sammuu.',
      done: () => 'Solmua on pyydetty tyhjentymään.',
      instead: null,
    },
    'release-quarantine': {
      button: 'Vapauta',
      title: (city) => `Vapauta karanteeni: ${city}`,
      meaning: 'Ajon muutokset hyväksytään paitsi siltä osin kuin uudempaa tietoa on jo tullut.',
      done: (count) => (count === '' ? 'Tallennin on vapauttanut karanteenin.' : `Vapautettuja ilmoituksia: ${count}.`),
      instead: null,
    },
    'discard-quarantine': {
      button: 'Hylkää',
      title: (city) => `Hylkää karanteeni: ${city}`,
      meaning: 'Ajon muutokset unohdetaan; tiedot jäävät sellaisiksi kuin ne olivat ennen ajoa.',
      done: (count) => (count === '' ? 'Tallennin on hylännyt muutokset.' : `Hylättyjä ilmoituksia: ${count}.`),
      instead: null,
    },
  },
  refusals: {
    needs_cluster: () =>
      'Täällä ei ole klusteria: ajot tekee yksi prosessi, jota tämä sivusto ei käynnistä eikä tavoita.',
    cluster_away: (why) => `Redis ei vastaa, joten klusterilta ei pyydetty mitään. ${why}`,
    run_under_way: (run) => `${run} on käynnissä. Odota, että se päättyy, ja yritä sitten uudelleen.`,
    unknown_city: (city) => `Asetuksissa ei ole kaupunkia ${city}.`,
    unknown_breaker: (breaker) => `Katkaisinta ${breaker} ei ole.`,
    unknown_node: (node) => `Solmua ${node} ei ole; se on voinut jo sammua.`,
    node_offline: (node) => `${node} ei ole tavoitettavissa. Muut ottavat sen työt, kun niiden lukot raukeavat.`,
    nothing_set: (city) => `Kaupungille ${city} ei ole asetettu mitään: sitä pyydetään asetustiedoston mukaan.`,
    unchanged: () => 'Näin oli jo ennestään.',
    no_quarantine: (why) => `Sellaista avointa karanteenia ei ole: joku on voinut jo päättää siitä. ${why}`,
    database_held: () => 'Tietokanta on ajon käytössä. Odota, että ajo päättyy, ja yritä sitten uudelleen.',
  },
  allCities: 'Kaikki käytössä olevat kaupungit',
  limit: 'Ilmoituksia kaupunkia kohti enintään',
  limitHint: 'Jätä tyhjäksi, jos haluat kaikki. Rajattu ajo ei ole koskaan täydellinen.',
  rate: 'Pyyntöjä sekunnissa',
  rateHint: 'Jätä toinen tyhjäksi, jos se saa pysyä ennallaan.',
  workers: 'Sivuja yhtä aikaa, kaikki solmut yhteensä',
  confirm: 'Kyllä, tee näin',
  cancel: 'En, palaa takaisin',
  back: 'Takaisin',
  done: 'Tehty',
  refused: 'Ei tehty; mikään ei muuttunut',
  failed: 'Epäonnistui kesken',
  failedHalfWay: 'Osa on voinut ehtiä tapahtua. Katso klusterisivua ennen kuin yrität uudelleen.',
  instead: 'Kirjoita sen sijaan koneella:',
  recorded: 'Tekemäsi kirjataan nimelläsi.',
  actions: 'Toiminnot',
};

export const actionTexts: Translated<ActionTexts> = { en, fi };
