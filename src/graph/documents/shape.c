/* SPDX-License-Identifier: Apache-2.0 */
/* Members that are of another type than their format has: such a document is damaged, and what is
 * left of it says something else. */
#include "graph/documents/documents.h"

enum { DEPTH = 8 }; /* parts of a path */

static bool is_of(char type, struct json v)
{
	switch (type) {
	case 's':
		return json_is_string(v);
	case 'a':
		return json_is_array(v);
	case 'o':
		return json_is_object(v);
	case 'n':
		return json_is_number(v);
	default:
		return true;
	}
}

static const char *name_of(char type)
{
	return type == 's'   ? "a string"
	       : type == 'a' ? "an array"
	       : type == 'o' ? "an object"
			     : "a number";
}

static hm_err check_members(struct hm_cx *cx, const struct graph_shape *s, struct json object)
{
	if (!json_is_object(object))
		return hm_fail(cx, HM_INPUT, "\"%s\" is not an object",
			       s->path[0] ? s->path : "document");
	for (struct json_iter it = json_iter(object); json_next(&it);)
		for (const struct graph_member *m = s->members; m->key; m++)
			if ((hm_eqz(it.key, m->key) || hm_eqz(HM_STR("*"), m->key)) &&
			    !json_is_null(it.value) && !is_of(m->type, it.value))
				return hm_fail(cx, HM_INPUT, "\"%s%s%s\" is not %s", s->path,
					       s->path[0] ? "/" : "", m->key, name_of(m->type));
	return NULL;
}

struct step {
	struct json_iter it;
	struct hm_str rest; /* of the path, behind it */
};

/* Each object at the path: a part is a member's name, or "*" for each element of an array. */
static hm_err check_path(struct hm_cx *cx, const struct graph_shape *s, struct json doc)
{
	struct step steps[DEPTH];
	size_t n = 0;
	struct json now = doc;
	struct hm_str rest = hm_cstr(s->path);
	for (;;) {
		struct hm_str part = hm_cut(&rest, '/');
		if (hm_eqz(part, "*") && n < HM_LEN(steps)) {
			steps[n++] = (struct step){ json_iter(now), rest };
		} else if (part.n) {
			now = json_get_str(now, part);
			continue;
		} else if (json_is_there(now) && !json_is_null(now)) {
			HM_TRY(check_members(cx, s, now));
		}
		while (n && !json_next(&steps[n - 1].it))
			n--;
		if (!n)
			return NULL;
		now = steps[n - 1].it.value;
		rest = steps[n - 1].rest;
	}
}

hm_err graph_check_shape(struct hm_cx *cx, struct json doc, const struct graph_shape *shapes)
{
	for (const struct graph_shape *s = shapes; s->members; s++)
		HM_TRY(check_path(cx, s, doc));
	return NULL;
}
