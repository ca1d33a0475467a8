/**
 * The dialog that asks for consent to cookies: answered whenever it appears, early, late or never. It is the only thing
 * on a page that is ever clicked.
 */
import type { Frame, Page } from 'playwright-core';
import { consentButtons, isConsentFrame } from '../../portal/page-needs.ts';

/** Looks for a button for so long; a frame without one is none of ours. */
const buttonLimitMs = 5_000;

/** Answers consent frames of the page from now on, until it is closed. Nobody waits for it. */
export function answerConsent(page: Page): void {
  const answered = new Set<Frame>();
  page.on('framenavigated', (frame) => {
    const isOther = frame.parentFrame() === null || answered.has(frame);
    if (isOther || !isConsentFrame({ url: frame.url(), name: frame.name() })) return;
    answered.add(frame);
    // The dialog went away by itself, or the page was closed: then there is nothing left to answer.
    answer(frame).catch(() => undefined);
  });
}

async function answer(frame: Frame): Promise<void> {
  const anyButton = frame.getByRole('button', {
    name: new RegExp(consentButtons.map(({ source }) => source).join('|'), 'i'),
  });
  await anyButton.first().waitFor({ timeout: buttonLimitMs });
  for (const name of consentButtons) {
    const button = frame.getByRole('button', { name });
    if ((await button.count()) > 0) return button.first().click({ timeout: buttonLimitMs });
  }
}
