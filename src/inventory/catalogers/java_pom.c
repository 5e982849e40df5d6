/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/java_pom.h"

enum { SMALL = 1 << 20, DEPTH = 64, ROUNDS = 8 };

/* A build that did not fill it in. */
static bool is_template(struct hm_str value)
{
	return hm_find(value, HM_STR("${")) != SIZE_MAX || hm_starts(value, HM_STR("@"));
}

void inventory_java_pom_properties(struct hm_str text, struct java_pom *out)
{
	while (text.n) {
		struct hm_str value = hm_trim(hm_line(&text));
		size_t n = 0;
		while (n < value.n && value.p[n] != '=' && value.p[n] != ':')
			n++;
		struct hm_str key = hm_trim(hm_sub(value, 0, n));
		value = hm_trim(hm_from(value, n + 1));
		if (hm_starts(key, HM_STR("#")) || !value.n || is_template(value))
			continue;
		if (hm_eqz(key, "groupId"))
			out->group = value;
		else if (hm_eqz(key, "artifactId"))
			out->artifact = value;
		else if (hm_eqz(key, "version"))
			out->version = value;
	}
}

/* --- pom.xml: only the elements that are asked for, wherever else it is wrong --- */

struct reader {
	struct hm_cx *cx;
	struct hm_str names[DEPTH]; /* of the elements that are open */
	size_t depth;
	struct hm_map values; /* "project/version" to struct hm_str */
};

static void put_value(struct reader *r, struct hm_str value)
{
	static const struct hm_str wanted[] = {
		HM_STR_INIT("project/groupId"),           HM_STR_INIT("project/artifactId"),
		HM_STR_INIT("project/version"),           HM_STR_INIT("project/parent/groupId"),
		HM_STR_INIT("project/parent/artifactId"), HM_STR_INIT("project/parent/version"),
	};
	struct hm_str path = r->names[0];
	if (r->depth < 2 || r->depth > 3 || hm_find_char(value, '&') != SIZE_MAX)
		return;
	for (size_t i = 1; i < r->depth; i++)
		path = hm_fmt(r->cx, "%.*s/%.*s", HM_FMT(path), HM_FMT(r->names[i]));
	bool is_wanted = hm_starts(path, HM_STR("project/properties/"));
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		is_wanted = is_wanted || hm_eq(path, wanted[i]);
	if (!is_wanted || r->values.n >= 4096)
		return;
	struct hm_str *kept = hm_new(r->cx, struct hm_str, 1);
	*kept = value;
	hm_map_put(r->cx, &r->values, path, kept);
}

/* "<name attribute='x'>", "</name>", "<name/>": without its brackets. False: too deep. */
static bool take_tag(struct reader *r, struct hm_str tag)
{
	bool closes = hm_starts(tag, HM_STR("/")), is_empty = hm_ends(tag, HM_STR("/"));
	size_t n = 0;
	if (closes) {
		r->depth -= r->depth > 0;
		return true;
	}
	while (n < tag.n && !hm_is_space(tag.p[n]) && tag.p[n] != '/')
		n++;
	if (is_empty)
		return true;
	if (r->depth == DEPTH)
		return false;
	r->names[r->depth++] = hm_sub(tag, 0, n);
	return true;
}

static void read_elements(struct reader *r, struct hm_str text)
{
	static const struct {
		struct hm_str head, tail;
	} passed_over[] = {
		{ HM_STR_INIT("<!--"), HM_STR_INIT("-->") },
		{ HM_STR_INIT("<![CDATA["), HM_STR_INIT("]]>") },
		{ HM_STR_INIT("<?"), HM_STR_INIT("?>") },
		{ HM_STR_INIT("<!"), HM_STR_INIT(">") },
	};
	while (text.n) {
		struct hm_str before = hm_cut(&text, '<');
		if (r->depth && hm_trim(before).n && hm_starts(text, HM_STR("/")))
			put_value(r, hm_trim(before));
		if (!text.n)
			return;
		struct hm_str rest = { text.p - 1, text.n + 1 };
		bool is_tag = true;
		for (size_t i = 0; is_tag && i < HM_LEN(passed_over); i++)
			if (hm_starts(rest, passed_over[i].head)) {
				hm_cut_str(&rest, passed_over[i].tail);
				text = rest;
				is_tag = false;
			}
		if (is_tag && !take_tag(r, hm_cut(&text, '>')))
			return;
	}
}

static struct hm_str value_at(const struct reader *r, struct hm_str path)
{
	const struct hm_str *v = hm_map_get(&r->values, path);
	return v ? *v : HM_STR("");
}

/* What a "${name}" stands for. */
static struct hm_str find_property(const struct reader *r, struct hm_str name)
{
	static const char *const heads[] = { "project/properties/", "" };
	if (hm_starts(name, HM_STR("pom."))) /* as Maven 2 wrote it */
		name = hm_fmt(r->cx, "project.%.*s", HM_FMT(hm_from(name, 4)));
	for (size_t i = 0; i < HM_LEN(heads); i++) {
		struct hm_str path = hm_fmt(r->cx, "%s%.*s", heads[i], HM_FMT(name));
		char *p = hm_dupz(r->cx, path);
		for (size_t k = strlen(heads[i]); !heads[i][0] && k < path.n; k++)
			p[k] = p[k] == '.' ? '/' : p[k];
		struct hm_str value = value_at(r, hm_bytes(p, path.n));
		if (value.n)
			return value;
	}
	/* of what it has not itself, the parent's */
	if (hm_eqz(name, "project.version"))
		return value_at(r, HM_STR("project/parent/version"));
	if (hm_eqz(name, "project.groupId"))
		return value_at(r, HM_STR("project/parent/groupId"));
	return HM_STR("");
}

/* With its properties filled in; empty where one is not known. */
static struct hm_str fill_properties(const struct reader *r, struct hm_str value)
{
	for (size_t round = 0; round < ROUNDS; round++) {
		size_t at = hm_find(value, HM_STR("${"));
		if (at == SIZE_MAX)
			return value;
		struct hm_str rest = hm_from(value, at + 2), name = hm_cut(&rest, '}');
		struct hm_str found = find_property(r, name);
		if (!found.n && !hm_eqz(name, "sha1") && !hm_eqz(name, "changelist"))
			break;
		value = hm_fmt(r->cx, "%.*s%.*s%.*s", HM_FMT(hm_sub(value, 0, at)), HM_FMT(found),
			       HM_FMT(rest));
		if (value.n > HM_MAX_VERSION)
			break;
	}
	return HM_STR("");
}

static void choose_value(const struct reader *r, const char *own, const char *parent,
			 struct hm_str *out)
{
	struct hm_str value = value_at(r, hm_cstr(own));
	if (!value.n && parent)
		value = value_at(r, hm_cstr(parent));
	value = fill_properties(r, value);
	if (value.n)
		*out = value;
}

void inventory_java_pom_xml(struct hm_cx *cx, struct hm_str text, struct java_pom *out)
{
	struct reader r = { .cx = cx };
	read_elements(&r, text);
	choose_value(&r, "project/groupId", "project/parent/groupId", &out->group);
	choose_value(&r, "project/artifactId", NULL, &out->artifact);
	choose_value(&r, "project/version", "project/parent/version", &out->version);
}

/* --- an archive --- */

static struct java_pom *pom_of(struct hm_cx *cx, struct java_poms *poms, struct hm_map *folders,
			       struct hm_str folder)
{
	void **slot = hm_map_slot(cx, folders, folder);
	if (!*slot) {
		struct hm_str artifact = folder;
		*hm_push(cx, poms) = (struct java_pom){ 0 };
		*slot = (void *)(uintptr_t)poms->n;
		poms->p[poms->n - 1].group = hm_cut(&artifact, '/');
		poms->p[poms->n - 1].artifact = artifact;
	}
	return &poms->p[(uintptr_t)*slot - 1];
}

hm_err inventory_java_poms(struct hm_cx *cx, const struct zip *zip, struct java_poms *out)
{
	static const char *const names[] = { "/pom.xml", "/pom.properties" };
	static const struct hm_str head = HM_STR_INIT("META-INF/maven/");
	struct hm_map folders = { 0 };
	for (size_t k = 0; k < HM_LEN(names); k++) /* what pom.properties says stands */
		for (size_t i = 0; i < zip->n; i++) {
			struct hm_str name = zip->entries[i].name, text;
			if (!hm_starts(name, head) || !hm_ends(name, hm_cstr(names[k])))
				continue;
			struct hm_str folder =
				hm_sub(name, head.n, name.n - head.n - strlen(names[k]));
			hm_err err = zip_read(cx, zip, &zip->entries[i], SMALL, &text);
			if (err && (err->code == HM_INPUT || err->code == HM_LIMIT)) {
				*hm_push(cx, &out->unread) =
					(struct inventory_unknown){ .path = name,
								    .reason = hm_cstr(err->why) };
				continue;
			}
			HM_TRY(err);
			HM_TRY(hm_charge(cx, sizeof(struct java_pom) + 64));
			struct java_pom *pom = pom_of(cx, out, &folders, folder);
			if (k)
				inventory_java_pom_properties(text, pom);
			else
				inventory_java_pom_xml(cx, text, pom);
		}
	return NULL;
}
