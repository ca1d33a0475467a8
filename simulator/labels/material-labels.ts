/**
 * Labels of the section Tilat ja materiaalit: rooms, surfaces and features, all free text.
 */
import { sentencesOf } from '../texts.ts';
import { labelsOf, oneOf, someOf } from './label.ts';

const floors = oneOf('Parketti', 'Laminaatti', 'Laatta', 'Lautalattia', 'Vinyyli', 'Muovimatto');
const walls = oneOf('Maali', 'Tapetti', 'Maali ja tapetti', 'Kaakeli', 'Paneeli');

export const materialLabels = labelsOf('Tilat ja materiaalit', [
  ['Pintamateriaalit', 0.33, oneOf('Lattiat parkettia, seinät maalattu', 'Lattia: laminaatti.\nSeinät: tapetti')],
  ['Keittiön lattia', 0.17, floors],
  ['Keittiön seinä', 0.17, walls],
  ['Makuuhuoneen lattia', 0.1, floors],
  ['Makuuhuoneen seinät', 0.17, walls],
  ['Kylpyhuoneen lattia', 0.17, floors],
  ['Kylpyhuoneen seinät', 0.17, walls],
  ['Olohuoneen lattia', 0.17, floors],
  ['Olohuoneen seinät', 0.17, walls],
  ['WC-tilojen lattia', 0.05, floors],
  ['Saunan lattia', 0.05, floors],
  ['Muut materiaalit', 0.17, oneOf('LED-valot keittiössä', 'Kodinhoitohuone: muovilattia')],
  ['Muut tilat', 0.17, oneOf('Kodinhoitohuone', 'Eteinen ja tuulikaappi', 'Vaatehuone')],
  [
    'Ominaisuudet',
    0.67,
    someOf('Valoisa', 'Korkeat huoneet', 'Läpitalon', 'Leveät ikkunalaudat', 'Kiinteät valaisimet'),
  ],
  ['Lisätietoa tiloista', 0.05, (_home, random) => sentencesOf(random, 1)],
  ['Kodinhoitohuoneen varusteet', 0.05, oneOf('Pesukoneliitäntä, lattiakaivo', 'Pesuallas ja pöytätaso')],
]);
