/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

/* Characters that RFC 4514, 2.4 lets stand behind a backslash for themselves. */
static bool is_special(char c)
{
	return c && strchr(" \"#+,;<=>\\", c) != NULL;
}

/* One escape behind a backslash at text[0]: how many characters it took, 0 where it is none. */
static size_t unescape_value(struct hm_str text, char *out)
{
	if (text.n >= 1 && is_special(text.p[0])) {
		*out = text.p[0];
		return 1;
	}
	if (text.n < 2 || hm_hex_digit(text.p[0]) < 0 || hm_hex_digit(text.p[1]) < 0)
		return 0;
	*out = (char)((unsigned)hm_hex_digit(text.p[0]) << 4 | (unsigned)hm_hex_digit(text.p[1]));
	return 2;
}

/* May c stand there without a backslash? Characters of RFC 4514, 2.4. */
static hm_err check_plain(struct hm_cx *cx, char c, bool is_first)
{
	if (!c || c == '"' || c == '<' || c == '>')
		return hm_fail(cx, HM_INPUT, "a special character is not escaped");
	if (c == '#' && is_first)
		return hm_fail(cx, HM_INPUT, "values in hexadecimal are not supported");
	return NULL;
}

/* A value up to its separator, spaces at both ends left out unless they are escaped. */
static hm_err parse_value(struct hm_cx *cx, struct hm_str *text, struct hm_str *out)
{
	char *value = hm_alloc(cx, text->n + 1, 1, 1);
	size_t n = 0, kept = 0, i = 0;
	for (; i < text->n; i++) {
		char c = text->p[i];
		if (c == ',' || c == ';' || c == '+')
			break;
		if (c == '\\') {
			size_t took = unescape_value(hm_from(*text, i + 1), &value[n]);
			if (!took)
				return hm_fail(cx, HM_INPUT, "a backslash escapes nothing");
			i += took;
			kept = ++n;
			continue;
		}
		HM_TRY(check_plain(cx, c, n == 0));
		if (c == ' ' && n == 0)
			continue;
		value[n++] = c;
		if (c != ' ')
			kept = n;
	}
	struct hm_str v = hm_bytes(value, kept);
	if (!v.n)
		return hm_fail(cx, HM_INPUT, "an attribute has no value");
	if (!hm_is_utf8(v) || memchr(v.p, 0, v.n))
		return hm_fail(cx, HM_INPUT, "a value is not UTF-8 text");
	*text = hm_from(*text, i);
	*out = v;
	return NULL;
}

/* descr or numericoid of RFC 4512, 1.4. */
static bool is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!hm_is_alpha(c) && !hm_is_digit(c) && c != '-' && c != '.')
			return false;
	}
	return s.n > 0;
}

static bool has_name(const struct crypto_attribute *attributes, size_t n, struct hm_str name)
{
	for (size_t i = 0; i < n; i++)
		if (hm_eq(attributes[i].name, name))
			return true;
	return false;
}

hm_err crypto_dn_parse(struct hm_cx *cx, struct hm_str text, struct crypto_attribute **out,
		       size_t *out_n)
{
	HM_VEC(struct crypto_attribute) found = { 0 };
	if (text.n > HM_MAX_DN)
		return hm_fail(cx, HM_LIMIT, "the distinguished name is too long");
	for (bool more = true; more;) {
		struct crypto_attribute a = { 0 };
		size_t equals = hm_find_char(text, '=');
		a.name = hm_trim(hm_sub(text, 0, equals));
		if (equals == SIZE_MAX || !is_name(a.name))
			return hm_fail(cx, HM_INPUT, "the distinguished name is malformed");
		if (hm_eqz(a.name, "S"))
			a.name = HM_STR("ST");
		text = hm_from(text, equals + 1);
		HM_TRY(parse_value(cx, &text, &a.value));
		if (text.n && text.p[0] == '+')
			return hm_fail(cx, HM_INPUT,
				       "several attributes in one RDN are not supported");
		if (has_name(found.p, found.n, a.name))
			return hm_fail(cx, HM_INPUT, "attribute \"%.*s\" appears twice",
				       HM_FMT(a.name));
		a.name = hm_dup(cx, a.name);
		*hm_push(cx, &found) = a;
		more = text.n > 0;
		text = hm_from(text, 1);
	}
	*out = found.p;
	*out_n = found.n;
	return NULL;
}

bool crypto_dn_within(const struct crypto_attribute *some, size_t some_n,
		      const struct crypto_attribute *all, size_t all_n)
{
	for (size_t i = 0; i < some_n; i++) {
		bool found = false;
		for (size_t k = 0; k < all_n && !found; k++)
			found = hm_eq(some[i].name, all[k].name) &&
				hm_eq(some[i].value, all[k].value);
		if (!found)
			return false;
	}
	return true;
}
