-- How each search page was read: by the JSON search (http) or as a page in a browser. A page may not print its total.
ALTER TABLE search_pages ADD COLUMN fetch_mode VARCHAR DEFAULT 'http';
ALTER TABLE search_pages ALTER COLUMN portal_total DROP NOT NULL;
