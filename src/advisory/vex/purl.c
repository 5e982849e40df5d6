/* SPDX-License-Identifier: Apache-2.0 */
#include "advisory/vex/vex.h"

static struct hm_str decode(struct hm_cx *cx, struct hm_str s)
{
	char *to = hm_dupz(cx, s);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n && s.p[i] == '%' ? hm_hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? hm_hex_digit(s.p[i + 2]) : -1;
		bool coded = high >= 0 && low >= 0;
		to[n++] = coded ? (char)(high * 16 + low) : s.p[i];
		i += coded ? 2 : 0;
	}
	return hm_bytes(to, n);
}

static void read_qualifiers(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	while (text.n) {
		struct hm_str value = hm_cut(&text, '&');
		struct hm_str key = hm_lower(cx, hm_cut(&value, '='));
		if (key.n && value.n) /* an empty value counts as absent (purl-spec) */
			*hm_push(cx, out) =
				hm_fmt(cx, "%.*s=%.*s", HM_FMT(key), HM_FMT(decode(cx, value)));
	}
}

bool advisory_vex_purl(struct hm_cx *cx, struct hm_str text, struct vex_purl *out)
{
	struct inventory_component c;
	struct hm_str rest = text, head;
	*out = (struct vex_purl){ 0 };
	if (inventory_purl_parse(cx, text, &c) || !c.name.n)
		return false;
	head = hm_cut(&rest, '#');
	out->subpath = rest;
	(void)hm_cut(&head, '?');
	read_qualifiers(cx, head, &out->qualifiers);
	out->type = c.type;
	out->namespace = c.namespace;
	out->name = inventory_type_key(cx, inventory_type_of(c.type), c.name);
	out->version = c.version;
	return true;
}

struct hm_str advisory_vex_qualifier(const struct vex_purl *p, struct hm_str key)
{
	for (size_t i = 0; i < p->qualifiers.n; i++) {
		struct hm_str value = p->qualifiers.p[i];
		if (hm_eq(hm_cut(&value, '='), key))
			return value;
	}
	return (struct hm_str){ "", 0 };
}

bool advisory_vex_purl_names(const struct vex_purl *said, const struct vex_purl *have)
{
	if (!hm_eq(said->type, have->type) || !hm_eq(said->namespace, have->namespace) ||
	    !hm_eq(said->name, have->name))
		return false;
	if (said->version.n && !hm_eq(said->version, have->version))
		return false;
	for (size_t i = 0; i < said->qualifiers.n; i++)
		if (!hm_strs_has(&have->qualifiers, said->qualifiers.p[i]))
			return false;
	return !said->subpath.n || hm_eq(said->subpath, have->subpath);
}
