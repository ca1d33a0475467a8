/**
 * How a listing that was forgotten is told from one whose page is stored: what is known of it names no parser that read it.
 */

/** In place of the parser of a known page: this listing must not be fetched. */
export const forgottenParser = 'forgotten';
