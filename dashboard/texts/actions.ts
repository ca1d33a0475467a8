/** The texts of what an operator may do: what each action means before it is done, and what became of it. */
import type { ActionTexts } from './action-words.ts';
import { actionsInEnglish } from './actions-en.ts';
import { actionsInFinnish } from './actions-fi.ts';
import type { Translated } from './common.ts';

export const actionTexts: Translated<ActionTexts> = { en: actionsInEnglish, fi: actionsInFinnish };
