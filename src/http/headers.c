/* SPDX-License-Identifier: Apache-2.0 */
#include "http/headers.h"

#include "http/parts.h"

struct hm_str http_header_get(const struct http_headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (hm_cmp_nocase(h->p[i].name, hm_cstr(name)) == 0)
			return h->p[i].value;
	return (struct hm_str){ "", 0 };
}

bool http_is_token(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!hm_is_alpha(c) && !hm_is_digit(c) && !hm_is_one_of(c, "!#$%&'*+-.^_`|~"))
			return false;
	}
	return s.n > 0;
}

bool http_is_request_id(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!hm_is_alpha(c) && !hm_is_digit(c) && !hm_is_one_of(c, "._-"))
			return false;
	}
	return s.n > 0 && s.n <= 128;
}

/* Spaces and tabs around a value are not of it (RFC 9110, 5.6.3). Other white space is no such
 * thing: who strips it reads "\vchunked" as "chunked", which the next server may not. */
static struct hm_str strip_spaces(struct hm_str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = hm_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

bool http_header_line(struct hm_str line, struct http_header *out)
{
	struct hm_str value = line, name;
	if (hm_find_char(line, ':') == SIZE_MAX)
		return false;
	name = hm_cut(&value, ':');
	if (!http_is_token(name))
		return false;
	*out = (struct http_header){ name, strip_spaces(value) };
	return true;
}
