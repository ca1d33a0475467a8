"""The same pages with Scrapy: fetch, about 30 fields, all labels, one JSON line per listing. Prints one JSON line.

`selectors`: one selector per field, as the tutorial teaches. `rows`: one pass over the rows, fields from a dictionary.
Values stay text in both: no numbers are read, no identities checked, nothing is masked.
"""
import json
import resource
import sys
import tempfile
import time

import scrapy
from scrapy.crawler import CrawlerProcess

LABELS = [
    "Sijainti", "Kaupunki", "Kaupunginosa", "Kohdenumero", "Rakennuksen tyyppi", "Asumistyyppi", "Kohde on",
    "Myyntihinta", "Velaton hinta", "Velkaosuus", "Neliöhinta", "Hoitovastike", "Pääomavastike",
    "Yhtiövastike yhteensä", "Vesimaksu", "Asuinpinta-ala", "Kokonaispinta-ala", "Tontin pinta-ala", "Huoneita",
    "Huoneiston kokoonpano", "Kerros", "Kerroksia", "Rakennusvuosi", "Energialuokka", "Kunto", "Tontin omistus",
    "Uudiskohde", "Hissi", "Asunnossa sauna", "Parveke",
]


FIELD_PATH = "normalize-space(//dt[normalize-space()=$label]/following-sibling::dd[1])"


class ListingSpider(scrapy.Spider):
    name = "listings"
    custom_settings = {
        "LOG_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "CONCURRENT_REQUESTS": 10,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 10,
        "FEEDS": {tempfile.mktemp(suffix=".jsonl"): {"format": "jsonlines"}},
    }
    count = 0

    def start_requests(self):
        with open(sys.argv[1], encoding="utf-8") as urls:
            for url in urls.read().split("\n"):
                yield scrapy.Request(url)

    def parse(self, response):
        details = {}
        if sys.argv[2] == "rows":
            for title in response.css("dt"):
                label = " ".join(title.xpath(".//text()").getall()).strip()
                details[label] = " ".join(title.xpath("following-sibling::dd[1]//text()").getall()).strip()
            item = {label: details.get(label) for label in LABELS}
        else:
            for row in response.css(".info-table__row"):
                details[row.css("dt::text").get()] = row.css("dd::text").get()
            item = {label: response.xpath(FIELD_PATH, label=label).get() for label in LABELS}
        item["title"] = response.css("title::text").get()
        item["description"] = "\n".join(response.css(".listing-overview p ::text").getall())
        item["latitude"] = response.css("meta[property='place:location:latitude']::attr(content)").get()
        item["longitude"] = response.css("meta[property='place:location:longitude']::attr(content)").get()
        item["other_details_json"] = json.dumps(details, ensure_ascii=False)
        ListingSpider.count += 1
        yield item


started = time.perf_counter()
cpu_before = time.process_time()
process = CrawlerProcess()
process.crawl(ListingSpider)
process.start()
seconds = time.perf_counter() - started
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"listings": ListingSpider.count, "seconds": seconds, "cpuSeconds": time.process_time() - cpu_before, "peakMb": peak_mb, "marks": []}))
