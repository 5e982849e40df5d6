/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fetch.h - inside repair/: files of a package repository, over HTTP or in a folder.
 */
#ifndef REPAIR_FETCH_H
#define REPAIR_FETCH_H

#include "repair/repair.h"

/* What an index says of a file: nothing else is taken for it. */
struct repair_file {
	struct hm_str path;   /* below the repository, plain: checked by repair_path_check() */
	struct hm_str sha256; /* hex */
	uint64_t size;
};

/* Where it is fetched. */
struct repair_from {
	struct http_client *http;
	struct hm_str base; /* an address, or a folder */
};

/* HM_INPUT: a path that leads out of the repository, or is none. */
HM_MUST hm_err repair_path_check(struct hm_cx *cx, struct hm_str path);
/* Is it an address, and no folder? */
bool repair_is_url(struct hm_str base);
/* HM_ABSENT: it is a folder, and not there. */
HM_MUST hm_err repair_base_check(struct hm_cx *cx, struct hm_str base);
/* A file of unknown content into memory, `max` bytes at the most; *out_there is false where there
 * is none. */
HM_MUST hm_err repair_fetch_text(struct hm_cx *cx, const struct repair_from *from,
				 struct hm_str path, uint64_t max, struct hm_str *out,
				 bool *out_there);
/* The same into a temporary file, at its beginning. */
HM_MUST hm_err repair_fetch_unknown(struct hm_cx *cx, const struct repair_from *from,
				    struct hm_str path, uint64_t max, int *out_fd, bool *out_there);
/* A known file into a temporary one, at its beginning, whose content is verified. HM_TRUST: it is
 * another. *out_there is false where there is none. */
HM_MUST hm_err repair_fetch_file(struct hm_cx *cx, const struct repair_from *from,
				 const struct repair_file *f, int *out_fd, bool *out_there);

/* A file that an index names by its address, or one in a folder. */
struct repair_remote {
	struct hm_str url;    /* or a path */
	struct hm_str digest; /* "sha512:<hex>" that it must have; empty: whatever it has */
	uint64_t max;
};
/* Into a temporary file, at its beginning; *out_sha256 (hex) is what it has. HM_TRUST: another
 * digest. HM_ABSENT: it is not there. */
HM_MUST hm_err repair_fetch_remote(struct hm_cx *cx, struct http_client *http,
				   const struct repair_remote *r, int *out_fd,
				   struct hm_str *out_sha256);
/* A page of an index: its bytes, where they came from in the end, and of which media type. */
struct repair_page {
	struct hm_str bytes, url, type;
	bool is_there;
};
HM_MUST hm_err repair_fetch_page(struct hm_cx *cx, struct http_client *http, struct hm_str url,
				 const char *accept, struct repair_page *out);

#endif
