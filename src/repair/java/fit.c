/* SPDX-License-Identifier: Apache-2.0 */
/* Does a version fit where another lies: its name, its signature, the Java that it is made for? */
#include "repair/java/choosing.h"

enum { MAJOR_OF_0 = 44 /* Java 8: 52 (JVMS 4.1) */ };

void repair_java_read_needs(struct hm_cx *cx, struct json look, struct java_needs *out)
{
	for (struct json_iter it = json_iter(json_get(look, "requires")); json_next(&it);) {
		struct hm_str group = json_str(json_get(it.value, "group"));
		struct hm_str artifact = json_str(json_get(it.value, "artifact"));
		if (group.n && artifact.n)
			*hm_push(cx, out) =
				(struct java_need){ hm_fmt(cx, "%.*s:%.*s", HM_FMT(group),
							   HM_FMT(artifact)),
						    json_str(json_get(it.value, "version")) };
	}
}

static uint64_t number_in(struct json look, const char *key)
{
	int64_t n = 0;
	return json_int(json_get(look, key), &n) && n > 0 ? (uint64_t)n : 0;
}

/* ------------------------------------------------------------------ its name */

/* "log4j-core-2.12.3.jar", with another version; as it is where it has none. */
static struct hm_str renamed(struct hm_cx *cx, struct hm_str file, struct hm_str from,
			     struct hm_str to)
{
	size_t at = hm_find(file, hm_fmt(cx, "-%.*s", HM_FMT(from)));
	if (at == SIZE_MAX || !from.n)
		return file;
	struct hm_str rest = hm_from(file, at + 1 + from.n);
	if (rest.n && (hm_is_digit(*rest.p) || hm_is_alpha(*rest.p)))
		return file;
	return hm_fmt(cx, "%.*s-%.*s%.*s", HM_FMT(hm_sub(file, 0, at)), HM_FMT(to), HM_FMT(rest));
}

static struct hm_str find_name(const struct java_choosing *s, struct hm_str old, struct hm_str now)
{
	for (size_t i = 0; i < s->names.n; i++)
		if (repair_java_names_file(s->names.p[i].name, old, now))
			return s->names.p[i].by;
	return HM_STR("");
}

/* A name that something has stays; where the jar does not say itself what it is, that must not be
 * the old version's. */
static bool choose_name(struct java_choosing *s, const struct java_target *t, struct java_offer *o,
			struct json look)
{
	struct hm_cx *cx = s->cx;
	struct hm_str old = hm_basename(t->path), dir = hm_dirname(t->path), artifact, version;
	o->file = renamed(cx, old, t->version, o->version);
	o->named_by = hm_eq(o->file, old) ? HM_STR("") : find_name(s, old, o->file);
	if (o->named_by.n)
		o->file = old;
	struct hm_str place =
		dir.n ? hm_fmt(cx, "%.*s/%.*s", HM_FMT(dir), HM_FMT(o->file)) : o->file;
	if (!hm_eq(o->file, old) &&
	    (hm_map_has(&s->paths, place) || hm_map_has(&s->inner, place))) {
		o->why = hm_fmt(cx, "\"%.*s\" lies there already", HM_FMT(o->file));
		return false;
	}
	inventory_archive_name(o->file, &artifact, &version);
	if (json_bool(json_get(look, "isStated")) || hm_eq(version, o->version) ||
	    (!version.n && hm_eq(json_str(json_get(look, "bare")), o->version)))
		return true;
	o->why = o->named_by.n
			 ? hm_fmt(cx,
				  "%.*s names \"%.*s\", and of its version the jar says nothing "
				  "but by its name",
				  HM_FMT(o->named_by), HM_FMT(old))
			 : hm_fmt(cx, "in a file \"%.*s\" nothing would say its version",
				  HM_FMT(old));
	return false;
}

/* ------------------------------------------------------------------ what it is */

static bool is_what_was_asked(const struct java_target *t, const struct java_offer *o,
			      struct json look)
{
	struct hm_str group = t->key;
	group = hm_cut(&group, ':');
	return hm_eq(json_str(json_get(look, "artifact")), t->artifact) &&
	       hm_eq(json_str(json_get(look, "version")), o->version) &&
	       (!json_bool(json_get(look, "isStated")) ||
		hm_eq(json_str(json_get(look, "group")), group));
}

static bool runs_on(const struct java_choosing *s, const struct java_target *t,
		    struct java_offer *o, struct json look)
{
	uint64_t now = number_in(look, "major"), old = number_in(t->look, "major");
	uint64_t most = s->java ? s->java + MAJOR_OF_0 : 0;
	if (now <= old || now <= most)
		return true;
	unsigned long long needs = now > MAJOR_OF_0 ? now - MAJOR_OF_0 : 0;
	o->why = s->java ? hm_fmt(s->cx, "it needs Java %llu, and the image has Java %llu", needs,
				  (unsigned long long)s->java)
			 : hm_fmt(s->cx,
				  "it needs Java %llu, and nothing says that the image has that",
				  needs);
	return false;
}

/* Code that asks who signed a class finds the same signer's name, or stays as it is. */
static bool is_signed_alike(const struct java_choosing *s, const struct java_target *t,
			    struct java_offer *o, struct json look)
{
	struct hm_str old = json_str(json_get(t->look, "signedBy"));
	struct hm_str now = json_str(json_get(look, "signedBy"));
	if (!old.n || hm_cmp_nocase(old, now) == 0)
		return true;
	o->why = hm_fmt(s->cx, "the jar is signed (%.*s), and this one is not so", HM_FMT(old));
	return false;
}

static struct json known_of(const struct java_choosing *s, struct hm_str url)
{
	for (struct json_iter it = json_iter(json_get(s->q, "known")); json_next(&it);)
		if (hm_eq(json_str(json_get(it.value, "url")), url))
			return it.value;
	return (struct json){ 0 };
}

static enum java_fit look_at(struct java_choosing *s, const struct java_target *t,
			     struct java_offer *o)
{
	struct json known = known_of(s, o->url), look, pom;
	if (!json_is_there(known)) {
		if (!hm_strs_has(&s->asked, o->url))
			*hm_push(s->cx, &s->asked) = o->url;
		return JAVA_FIT_PENDING;
	}
	o->why = json_str(json_get(known, "why"));
	if (o->why.n)
		return JAVA_FIT_NO;
	o->why = HM_STR("it is another artifact or version than its place says");
	if (json_parse(s->cx, json_str(json_get(known, "look")), JSON_STRICT, &look) ||
	    !is_what_was_asked(t, o, look))
		return JAVA_FIT_NO;
	o->why = HM_STR("");
	if (!runs_on(s, t, o, look) || !is_signed_alike(s, t, o, look) ||
	    !choose_name(s, t, o, look))
		return JAVA_FIT_NO;
	repair_java_read_needs(s->cx, look, &o->needs);
	if (!json_bool(json_get(look, "hasPom")) &&
	    !json_parse(s->cx, json_str(json_get(known, "pom")), JSON_STRICT, &pom))
		repair_java_read_needs(s->cx, pom, &o->needs);
	return JAVA_FIT_YES;
}

enum java_fit repair_java_fit(struct java_choosing *s, const struct java_target *t,
			      struct java_offer *o)
{
	if (o->fit == JAVA_FIT_NO || o->fit == JAVA_FIT_YES)
		return o->fit;
	if (!repair_language_same_line(o->version, t->version, s->kept)) {
		o->why = hm_fmt(s->cx, "it is another %s version (--library-patch-level)",
				s->kept == 1 ? "major" : "minor");
		o->fit = JAVA_FIT_NO;
	} else {
		o->fit = look_at(s, t, o);
	}
	return o->fit;
}
