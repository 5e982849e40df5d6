/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feeds.h - where advisories and what is known of vulnerabilities come from: a row a feed. Private
 * to the room.
 *
 * A feed recognises what it publishes, and reads it in a sandboxed worker: advisories into records
 * (record.h), or a catalog (catalog.h), which is kept beside them and described when a match is
 * made. A new feed is a file here and a row in the table; a catalog has a number in enum
 * advisory_catalog_kind too, and so a section of the database, whose version it raises.
 */
#ifndef ADVISORY_FEEDS_FEEDS_H
#define ADVISORY_FEEDS_FEEDS_H

#include "advisory/catalog.h"
#include "advisory/record.h"

/* What a feed says of one document, as a byte; what belongs to it follows. */
enum advisory_said {
	ADVISORY_SAID_NOTHING, /* it is another feed's: never written */
	ADVISORY_SAID_RECORD,  /* the record */
	ADVISORY_SAID_DROPPED, /* the record without its packages: withdrawn, or no vulnerability */
	ADVISORY_SAID_BAD,     /* why it cannot be read */
	ADVISORY_SAID_CATALOG, /* a byte, its kind; then the catalog */
};

struct advisory_feed {
	const char *name; /* "KEV": as of a source (advisory.h), where it is one */
	/* Of the file that an update fetches, and by which it is known how to read it. */
	const char *ending;
	/* Update: where archives of ecosystems lie, ECOSYSTEM/all.zip below it, unless something
	 * else is said; NULL: it is one file, whose address is given. */
	const char *base;
	/* One of its documents: a JSON file, alone or in an archive. ADVISORY_SAID_NOTHING: it is
	 * none. NULL: it has no such. HM_INPUT: it is damaged. */
	hm_err (*read_document)(struct hm_cx *cx, struct hm_str text, enum advisory_said *out_said,
				struct hm_buf *out);
	/* A file with one of these endings, of at most so many bytes; NULL: it has no such.
	 * HM_INPUT, HM_LIMIT. */
	hm_err (*read_file)(struct hm_cx *cx, struct hm_str bytes, enum advisory_said *out_said,
			    struct hm_buf *out);
	const char *tails[3]; /* ended by NULL */
	uint64_t max;
	/* A catalog: its kind, the size of its rows; 0: it brings advisories. And what a row adds
	 * to what is known of a vulnerability, where nothing was known. */
	size_t row_size;
	enum advisory_catalog_kind kind;
	void (*describe)(struct hm_str said, struct advisory_exploitation *out);
};
/* In the order in which documents are offered to them; ended by NULL. */
extern const struct advisory_feed *const advisory_feeds[];

/* The row of a catalog; of a file by its name, NULL: none reads it; and of a source, by its name: a
 * catalog's, or that of ecosystems. */
const struct advisory_feed *advisory_feed_of_catalog(enum advisory_catalog_kind kind);
const struct advisory_feed *advisory_feed_of_file(struct hm_str name);
const struct advisory_feed *advisory_feed_of_source(struct hm_str name);

/* --- the rows --- */

extern const struct advisory_feed advisory_feed_epss, advisory_feed_kev, advisory_feed_osv;

/* --- for tests --- */

/* osv.c: one document. *out_keep is false for one that is withdrawn, or says no vulnerability. */
HM_MUST hm_err advisory_osv_parse(struct hm_cx *cx, struct hm_str text, struct advisory_record *out,
				  bool *out_keep);

#endif
