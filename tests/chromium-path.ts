/**
 * The real Chromium of the tests: the one that CHROMIUM names, else the one on PATH; null when there is none (`npm test`
 * installs it where it may).
 */
import { browserNames, findOnPath } from '../config/find-on-path.ts';

export const chromiumPath: string | null = process.env['CHROMIUM'] ?? findOnPath(browserNames, process.env['PATH']);
