/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/java_pom.h"

#include "codec/markup.h"

enum { SMALL = 1 << 20, ROUNDS = 8 };

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
	struct markup m;
	struct hm_map values; /* "project/version" to struct hm_str */
	struct inventory_pom *out;
	struct inventory_requirement open; /* the dependency that is read */
};

static void put_value(struct reader *r, struct hm_str value)
{
	static const struct hm_str wanted[] = {
		HM_STR_INIT("project/groupId"),           HM_STR_INIT("project/artifactId"),
		HM_STR_INIT("project/version"),           HM_STR_INIT("project/parent/groupId"),
		HM_STR_INIT("project/parent/artifactId"), HM_STR_INIT("project/parent/version"),
	};
	struct hm_str path = r->m.names[0];
	if (r->m.depth < 2 || r->m.depth > 3 || hm_find_char(value, '&') != SIZE_MAX)
		return;
	for (size_t i = 1; i < r->m.depth; i++)
		path = hm_fmt(r->cx, "%.*s/%.*s", HM_FMT(path), HM_FMT(r->m.names[i]));
	bool is_wanted = hm_starts(path, HM_STR("project/properties/"));
	for (size_t i = 0; i < HM_LEN(wanted); i++)
		is_wanted = is_wanted || hm_eq(path, wanted[i]);
	if (!is_wanted || r->values.n >= 4096)
		return;
	struct hm_str *kept = hm_new(r->cx, struct hm_str, 1);
	*kept = value;
	hm_map_put(r->cx, &r->values, path, kept);
}

/* A dependency's own elements; those of its exclusions lie deeper. */
static void put_requirement(struct reader *r, size_t depth, struct inventory_requirements *to)
{
	struct inventory_requirement *q = &r->open;
	struct {
		const char *name;
		struct hm_str *value;
	} rows[] = {
		{ "groupId", &q->group },     { "artifactId", &q->artifact },
		{ "version", &q->version },   { "scope", &q->scope },
		{ "type", &q->type },         { "classifier", &q->classifier },
		{ "optional", &q->optional },
	};
	for (size_t i = 0; r->m.depth == depth + 1 && r->m.is_end && i < HM_LEN(rows); i++)
		if (hm_eqz(r->m.names[depth], rows[i].name))
			*rows[i].value = r->m.value;
	if (r->m.depth == depth && r->m.is_end && to->n < 4096)
		*hm_push(r->cx, to) = *q;
	if (r->m.depth == depth)
		*q = (struct inventory_requirement){ 0 };
}

static bool is_below(const struct reader *r, const char *path)
{
	struct markup m = r->m;
	struct hm_str rest = hm_cstr(path);
	size_t depth = 1;
	while (hm_find_char(rest, '/') != SIZE_MAX) {
		hm_cut(&rest, '/');
		depth++;
	}
	m.depth = m.depth < depth ? m.depth : depth;
	return markup_is(&m, path);
}

static void read_elements(struct reader *r, struct hm_str text)
{
	r->m.rest = text;
	while (markup_next(&r->m)) {
		if (r->m.is_end && r->m.value.n)
			put_value(r, r->m.value);
		if (r->out && is_below(r, "project/dependencies/dependency"))
			put_requirement(r, 3, &r->out->requires);
		else if (r->out &&
			 is_below(r, "project/dependencyManagement/dependencies/dependency"))
			put_requirement(r, 4, &r->out->managed);
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

static void fill_all(const struct reader *r, struct inventory_requirements *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct inventory_requirement *q = &all->p[i];
		struct hm_str *texts[] = { &q->group, &q->artifact,   &q->version, &q->scope,
					   &q->type,  &q->classifier, &q->optional };
		q->is_unclear = false;
		for (size_t k = 0; k < HM_LEN(texts); k++) {
			struct hm_str filled = fill_properties(r, *texts[k]);
			q->is_unclear |= texts[k]->n && !filled.n;
			*texts[k] = filled;
		}
	}
}

void inventory_pom_read(struct hm_cx *cx, struct hm_str text, struct inventory_pom *out)
{
	struct reader r = { .cx = cx, .out = out };
	*out = (struct inventory_pom){ 0 };
	read_elements(&r, text);
	choose_value(&r, "project/groupId", "project/parent/groupId", &out->group);
	choose_value(&r, "project/artifactId", NULL, &out->artifact);
	choose_value(&r, "project/version", "project/parent/version", &out->version);
	choose_value(&r, "project/parent/groupId", NULL, &out->parent_group);
	choose_value(&r, "project/parent/artifactId", NULL, &out->parent_artifact);
	choose_value(&r, "project/parent/version", NULL, &out->parent_version);
	fill_all(&r, &out->requires);
	fill_all(&r, &out->managed);
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
