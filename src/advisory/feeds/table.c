/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/feeds/feeds.h"

const struct advisory_feed *const advisory_feeds[] = {
	&advisory_feed_kev,
	&advisory_feed_epss,
	&advisory_feed_osv, /* whatever document is left is taken for one of these */
	NULL,
};

const struct advisory_feed *advisory_feed_of_catalog(enum advisory_catalog_kind kind)
{
	const struct advisory_feed *const *f = advisory_feeds;
	while (*f && (!(*f)->row_size || (*f)->kind != kind))
		f++;
	return *f;
}

const struct advisory_feed *advisory_feed_of_file(struct hm_str name)
{
	for (const struct advisory_feed *const *f = advisory_feeds; *f; f++)
		for (size_t i = 0; i < HM_LEN((*f)->tails) && (*f)->tails[i]; i++)
			if (hm_ends(name, hm_cstr((*f)->tails[i])))
				return *f;
	return NULL;
}

const struct advisory_feed *advisory_feed_of_source(struct hm_str name)
{
	for (const struct advisory_feed *const *f = advisory_feeds; *f; f++)
		if ((*f)->row_size && hm_eqz(name, (*f)->name))
			return *f;
	return &advisory_feed_osv;
}
