/** What /queues shows where there is no cluster. */
import type { RequestHandler } from 'express';
import { requestContextOf } from '../http/request-context.ts';
import { sendPage } from '../pages/layout.tsx';
import { commonTexts } from '../texts/common.ts';

export const noBoardPage: RequestHandler = (_request, response) => {
  const texts = commonTexts[requestContextOf(response).language];
  sendPage(response, { title: texts.queues, children: <p>{texts.noQueues}</p> });
};
