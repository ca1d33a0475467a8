/** The routes of the listings: the list, its download, one listing. */
import { Router } from 'express';
import type { Dashboard } from '../../dashboard.ts';
import { addDownload } from './download.ts';
import { addListingPage } from './listing-page.tsx';
import { addListingsPage } from './listings-page.tsx';

export function listingsRoutes(dashboard: Dashboard): Router {
  const router = Router();
  addListingsPage(router, dashboard);
  addDownload(router, dashboard);
  addListingPage(router, dashboard);
  return router;
}
