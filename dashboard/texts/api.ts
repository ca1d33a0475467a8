/** The texts of the page about the interface for programs. What is said of each answer and field is in English only. */
import type { Translated } from './common.ts';

const en = {
  title: 'JSON interface',
  lead: 'Everything these pages show, for notebooks and programs. It only reads.',
  document: 'OpenAPI 3.1 document',
  access: 'Access',
  accessWords:
    'Who has signed in may open the addresses below. A program sends a token in the header Authorization: Bearer, and nowhere else; an operator makes one with:',
  paging: 'Pages, tags and errors',
  pagingWords:
    'Lists come in pages; next is the address of the following one, and null after the last. Every answer from the snapshot has an ETag: send it back as If-None-Match and what has not changed answers 304. Errors are application/problem+json; parameters that are not known are refused.',
  linesWords: 'With Accept: application/x-ndjson it sends every row that matches, one JSON object a line.',
  needs: (scope: string) => `Scope ${scope}`,
  parameters: 'Parameters',
  parameter: 'Parameter',
  values: 'Values',
  meaning: 'Meaning',
  answer: 'Fields of a row',
  field: 'Field',
  unit: 'Unit',
  problems: 'Problems',
  problem: 'Kind',
  status: 'Status',
};
export type ApiTexts = typeof en;

const fi: ApiTexts = {
  title: 'JSON-rajapinta',
  lead: 'Kaikki, mitä nämä sivut näyttävät, muistikirjoille ja ohjelmille. Rajapinta vain lukee.',
  document: 'OpenAPI 3.1 -kuvaus',
  access: 'Käyttöoikeus',
  accessWords:
    'Kirjautunut käyttäjä voi avata alla olevat osoitteet. Ohjelma lähettää tunnisteen otsakkeessa Authorization: Bearer eikä missään muualla; ylläpitäjä tekee tunnisteen komennolla:',
  paging: 'Sivutus, ETag ja virheet',
  pagingWords:
    'Luettelot tulevat sivuina: next on seuraavan sivun osoite, viimeisellä sivulla null. Tilannekuvasta luetuissa vastauksissa on ETag: kun sen lähettää takaisin otsakkeessa If-None-Match, muuttumattomaan vastataan 304. Virheet ovat muotoa application/problem+json; tuntemattomat parametrit hylätään.',
  linesWords: 'Otsakkeella Accept: application/x-ndjson saa kaikki ehtoja vastaavat rivit, yksi JSON-olio rivillä.',
  needs: (scope) => `Käyttöoikeus ${scope}`,
  parameters: 'Parametrit',
  parameter: 'Parametri',
  values: 'Arvot',
  meaning: 'Merkitys',
  answer: 'Rivin kentät',
  field: 'Kenttä',
  unit: 'Yksikkö',
  problems: 'Virheet',
  problem: 'Laji',
  status: 'Tila',
};

export const apiTexts: Translated<ApiTexts> = { en, fi };
