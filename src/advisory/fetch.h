/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h - fetching one part of the database, if it changed. Private to the room; for update.c.
 */
#ifndef ADVISORY_FETCH_H
#define ADVISORY_FETCH_H

#include "advisory/feeds/feeds.h"
#include "http/http.h"

enum { ADVISORY_TAG_MAX = 512 };

/* One part of the database: an archive, or a catalog. */
struct advisory_part {
	const struct advisory_feed *feed;
	struct hm_str name, url;
	struct hm_str tag; /* of what the database has; empty: nothing */
	bool must_be_there;
	/* What came of it. */
	int fd;
	uint64_t bytes;
	bool changed, absent;
	char new_tag[ADVISORY_TAG_MAX];
	size_t new_tag_n;
};

/* Asks for what is newer than p->tag, and writes it to the temporary file p->fd. */
HM_MUST hm_err advisory_fetch_part(struct hm_cx *cx, struct http_client *http,
				   struct hm_progress *progress, struct advisory_part *p);

#endif
