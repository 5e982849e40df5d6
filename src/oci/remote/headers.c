/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/remote/headers.h"

static bool is_token_char(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) ||
	       (c && hm_find_char(HM_STR("!#$%&'*+-.^_`|~/"), c) != SIZE_MAX);
}

static void skip_characters(struct hm_str *s, const char *what)
{
	while (s->n && hm_find_char(hm_cstr(what), s->p[0]) != SIZE_MAX)
		*s = hm_from(*s, 1);
}

static struct hm_str read_token(struct hm_str *s)
{
	size_t n = 0;
	while (n < s->n && is_token_char(s->p[n]))
		n++;
	struct hm_str t = hm_sub(*s, 0, n);
	*s = hm_from(*s, n);
	return t;
}

/* A token or a quoted string. */
static hm_err read_value(struct hm_cx *cx, struct hm_str *s, struct hm_str *out)
{
	if (s->n == 0 || s->p[0] != '"') {
		*out = read_token(s);
		return NULL;
	}
	char *text = hm_new(cx, char, s->n);
	size_t n = 0, i = 1;
	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		text[n++] = s->p[i];
	}
	if (i >= s->n)
		return hm_fail(cx, HM_INPUT, "a quoted string does not end");
	*s = hm_from(*s, i + 1);
	*out = (struct hm_str){ text, n };
	return NULL;
}

static void set_parameter(struct challenge *c, struct hm_str name, struct hm_str text)
{
	if (hm_cmp_nocase(name, HM_STR("realm")) == 0)
		c->realm = text;
	else if (hm_cmp_nocase(name, HM_STR("service")) == 0)
		c->service = text;
	else if (hm_cmp_nocase(name, HM_STR("scope")) == 0)
		c->scope = text;
}

static enum challenge_scheme scheme_of(struct hm_str name)
{
	if (hm_cmp_nocase(name, HM_STR("bearer")) == 0)
		return CHALLENGE_BEARER;
	return hm_cmp_nocase(name, HM_STR("basic")) == 0 ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

hm_err oci_challenge_parse(struct hm_cx *cx, struct hm_str header, struct challenge *out)
{
	struct challenge best = { 0 }, now = { 0 };
	struct hm_str rest = header;
	if (header.n > HM_MAX_HTTP_HEADERS)
		return hm_fail(cx, HM_LIMIT, "the challenge is too long");
	for (skip_characters(&rest, " \t,"); rest.n; skip_characters(&rest, " \t,")) {
		struct hm_str name = read_token(&rest), text;
		if (name.n == 0)
			return hm_fail(cx, HM_INPUT, "the challenge \"%.*s\" cannot be read",
				       HM_FMT(hm_sub(header, 0, 200)));
		skip_characters(&rest, " \t");
		if (rest.n && rest.p[0] == '=') {
			skip_characters(&rest, "= \t");
			HM_TRY(read_value(cx, &rest, &text));
			set_parameter(&now, name, text);
		} else {
			if (now.scheme > best.scheme)
				best = now;
			now = (struct challenge){ .scheme = scheme_of(name) };
		}
	}
	*out = now.scheme > best.scheme ? now : best;
	return NULL;
}

bool oci_warning_parse(struct hm_cx *cx, struct hm_str header, struct hm_str *out)
{
	struct hm_str rest = hm_trim(header), code = hm_cut(&rest, ' ');
	rest = hm_trim(rest);
	struct hm_str agent = hm_cut(&rest, ' '), text;
	rest = hm_trim(rest);
	if (header.n > HM_MAX_HTTP_HEADERS || !hm_eqz(code, "299") || agent.n == 0 ||
	    !hm_starts(rest, HM_STR("\"")) || read_value(cx, &rest, &text))
		return false;
	*out = hm_sub(text, 0, HM_MAX_WARNING);
	return text.n > 0;
}

/* rel="next" among the parameters, until the next link. */
static hm_err is_next(struct hm_cx *cx, struct hm_str *rest, bool *out)
{
	bool next = false;
	for (skip_characters(rest, " \t;"); rest->n && rest->p[0] != ',';
	     skip_characters(rest, " \t;")) {
		struct hm_str name = read_token(rest), text = HM_STR("");
		skip_characters(rest, " \t");
		if (rest->n && rest->p[0] == '=') {
			skip_characters(rest, "= \t");
			HM_TRY(read_value(cx, rest, &text));
		} else if (name.n == 0) {
			return hm_fail(cx, HM_INPUT, "the link cannot be read");
		}
		while (hm_cmp_nocase(name, HM_STR("rel")) == 0 && text.n)
			next |= hm_cmp_nocase(hm_cut(&text, ' '), HM_STR("next")) == 0;
	}
	*out = next;
	return NULL;
}

hm_err oci_link_next(struct hm_cx *cx, struct hm_str header, struct hm_str *out)
{
	struct hm_str rest = header;
	if (header.n > HM_MAX_HTTP_HEADERS)
		return hm_fail(cx, HM_LIMIT, "the link is too long");
	for (skip_characters(&rest, " \t,"); rest.n; skip_characters(&rest, " \t,")) {
		size_t end = hm_find_char(rest, '>');
		if (rest.p[0] != '<' || end == SIZE_MAX)
			return hm_fail(cx, HM_INPUT, "the link \"%.*s\" cannot be read",
				       HM_FMT(hm_sub(header, 0, 200)));
		struct hm_str target = hm_sub(rest, 1, end - 1);
		bool next;
		rest = hm_from(rest, end + 1);
		HM_TRY(is_next(cx, &rest, &next));
		if (next) {
			*out = target;
			return NULL;
		}
	}
	*out = HM_STR("");
	return NULL;
}
