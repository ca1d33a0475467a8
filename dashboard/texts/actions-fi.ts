/** Operators' actions in Finnish. */
import type { ActionTexts } from './action-words.ts';
import { runInstead } from './action-words.ts';

/** The breaker of all cities has the name of no city. */
const breakerName = (breaker: string) => (breaker === 'portal' ? 'koko portaali' : breaker);

export const actionsInFinnish: ActionTexts = {
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
      button: 'Palauta asetusten tahti',
      title: (city) => `Palauta asetustiedoston tahti: ${city}`,
      meaning: 'Ylläpitäjän kaupungille asettamat rajat unohdetaan.',
      done: (limits) => `Nyt voimassa: ${limits}.`,
      instead: null,
    },
    'open-breaker': {
      button: 'Pidä auki',
      title: (breaker) => `Pidä katkaisin auki: ${breakerName(breaker)}`,
      meaning:
        'Mitään ei pyydetä ennen kuin katkaisin suljetaan tai nollataan. Jos ajon kaupunki odottaa sallittua kauemmin, se jää osittaiseksi.',
      done: () => 'Katkaisinta pidetään auki.',
      instead: null,
    },
    'close-breaker': {
      button: 'Sulje',
      title: (breaker) => `Sulje katkaisin: ${breakerName(breaker)}`,
      meaning: 'Pyynnöt kulkevat taas heti; eristetty solmu pysyy eristettynä.',
      done: () => 'Katkaisin on suljettu.',
      instead: null,
    },
    'reset-breaker': {
      button: 'Nollaa',
      title: (breaker) => `Nollaa katkaisin: ${breakerName(breaker)}`,
      meaning: 'Katkaisin on kuin uusi: se on suljettu, laskurit ovat nollassa eikä yhtään solmua ole eristetty.',
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
      done: (count) =>
        count === '' ? 'Tallennusprosessi on vapauttanut karanteenin.' : `Vapautettuja ilmoituksia: ${count}.`,
      instead: null,
    },
    'discard-quarantine': {
      button: 'Hylkää',
      title: (city) => `Hylkää karanteeni: ${city}`,
      meaning: 'Ajon muutokset unohdetaan; tiedot jäävät sellaisiksi kuin ne olivat ennen ajoa.',
      done: (count) => (count === '' ? 'Tallennusprosessi on hylännyt muutokset.' : `Hylättyjä ilmoituksia: ${count}.`),
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
    nothing_set: (city) => `Kaupungille ${city} ei ole asetettu mitään: sen rajat tulevat asetustiedostosta.`,
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
  recorded: 'Toiminto kirjataan lokiin nimelläsi.',
  actions: 'Toiminnot',
};
