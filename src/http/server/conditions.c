/* SPDX-License-Identifier: Apache-2.0 */
/* Preconditions and ranges of a request (RFC 9110, 13 and 14), as its handler asks. */
#include "http/server/exchange.h"
#include "http/server/server.h"

static const struct hm_str MATCH = HM_STR_INIT("if-match"),
			   NONE_MATCH = HM_STR_INIT("if-none-match");

/*
 * The next entity tag of a list, its quotes with it. Tags may hold commas. Some clients send a
 * digest without quotes; it is taken for the tag of that text.
 */
static bool cut_tag(struct hm_str *rest, struct hm_str *out, bool *out_weak)
{
	while (rest->n && hm_is_one_of(rest->p[0], ", \t"))
		*rest = hm_from(*rest, 1);
	*out_weak = hm_starts(*rest, HM_STR("W/"));
	if (*out_weak)
		*rest = hm_from(*rest, 2);
	if (rest->n == 0)
		return false;
	bool quoted = rest->p[0] == '"';
	size_t end = quoted ? hm_find_char(hm_from(*rest, 1), '"') : hm_find_char(*rest, ',');
	if (end == SIZE_MAX)
		end = rest->n;
	else if (quoted)
		end += 2;
	*out = hm_trim(hm_sub(*rest, 0, end));
	*rest = hm_from(*rest, end);
	return true;
}

static bool is_same_tag(struct hm_str tag, struct hm_str etag)
{
	if (tag.n && tag.p[0] != '"' && etag.n > 2)
		etag = hm_sub(etag, 1, etag.n - 2);
	return etag.n && hm_eq(tag, etag);
}

/* Is the state one of those that the field lists? `weakly`: a weak tag will do. */
static bool list_has_state(struct hm_str field, const struct http_state *now, bool weakly)
{
	struct hm_str rest = field, tag;
	bool weak;
	if (hm_eqz(hm_trim(field), "*"))
		return now->exists;
	while (cut_tag(&rest, &tag, &weak))
		if (now->exists && (weakly || !weak) && is_same_tag(tag, now->etag))
			return true;
	return false;
}

/* All fields of the name are one list. */
static bool any_field_has(const struct http_headers *h, struct hm_str name,
			  const struct http_state *now, bool *out_there)
{
	bool found = false;
	*out_there = false;
	for (size_t i = 0; i < h->n; i++) {
		if (hm_cmp_nocase(h->p[i].name, name) != 0)
			continue;
		*out_there = true;
		found = found || list_has_state(h->p[i].value, now, name.n == NONE_MATCH.n);
	}
	return found;
}

/* Has it changed since the date in the field? False too where one of the two dates is missing. */
static bool compare_dates(const struct http_headers *h, const char *name,
			  const struct http_state *now, bool *out_newer)
{
	int64_t date;
	if (!now->exists || !now->modified || !http_date_parse(http_header_get(h, name), &date))
		return false;
	*out_newer = now->modified > date;
	return true;
}

enum http_condition http_condition(const struct http_headers *h, bool reads,
				   const struct http_state *now)
{
	/* the order of RFC 9110, 13.2.2 */
	bool there, newer = false;
	bool match = any_field_has(h, MATCH, now, &there);
	if (there && !match)
		return HTTP_STATE_DIFFERS;
	if (!there && compare_dates(h, "if-unmodified-since", now, &newer) && newer)
		return HTTP_STATE_DIFFERS;
	match = any_field_has(h, NONE_MATCH, now, &there);
	if (there && match)
		return reads ? HTTP_STATE_KNOWN : HTTP_STATE_DIFFERS;
	if (!there && reads && compare_dates(h, "if-modified-since", now, &newer) && !newer)
		return HTTP_STATE_KNOWN;
	return HTTP_GO_ON;
}

bool http_range_counts(const struct http_headers *h, bool is_get, const struct http_state *now)
{
	struct hm_str field = http_header_get(h, "if-range"), tag;
	int64_t date;
	bool weak;
	if (!is_get || http_header_get(h, "range").n == 0)
		return false;
	if (field.n == 0)
		return true;
	if (http_date_parse(field, &date))
		return now->modified && now->modified == date;
	return cut_tag(&field, &tag, &weak) && !weak && hm_trim(field).n == 0 &&
	       is_same_tag(tag, now->etag);
}

/* ---- as handlers ask */

enum http_condition http_exchange_condition(const struct http_exchange *x,
					    const struct http_state *now)
{
	return http_condition(&x->headers, x->is_head || hm_eqz(x->method, "GET"), now);
}

struct hm_str http_exchange_range(const struct http_exchange *x, const struct http_state *now)
{
	return http_range_counts(&x->headers, hm_eqz(x->method, "GET"), now)
		       ? http_header_get(&x->headers, "range")
		       : (struct hm_str){ "", 0 };
}
