/* SPDX-License-Identifier: Apache-2.0 */
/* What a repository lists of an artifact: maven-metadata.xml, or the files of a folder. */
#include "codec/markup.h"
#include "repair/java/java.h"

/* Names that stand in paths and addresses as they are. */
static bool is_name(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !hm_is_one_of(s.p[i], "._-+"))
			return false;
	return s.n > 0 && s.n <= HM_MAX_VERSION && *s.p != '.' &&
	       hm_find(s, HM_STR("..")) == SIZE_MAX;
}

bool repair_java_is_key(struct hm_str key)
{
	struct hm_str artifact = key, group = hm_cut(&artifact, ':');
	return is_name(group) && is_name(artifact);
}

struct hm_str repair_java_key_path(struct hm_cx *cx, struct hm_str key)
{
	struct hm_str artifact = key, group = hm_cut(&artifact, ':');
	char *path = hm_dupz(cx, group);
	for (size_t i = 0; i < group.n; i++)
		path[i] = path[i] == '.' ? '/' : path[i];
	return hm_fmt(cx, "%s/%.*s", path, HM_FMT(artifact));
}

static void add_file(struct hm_cx *cx, struct java_files *all, const struct java_file *f)
{
	size_t i = all->n; /* they come in their order mostly */
	while (i && repair_java_order(all->p[i - 1].version, f->version) > 0)
		i--;
	if (i && repair_java_order(all->p[i - 1].version, f->version) == 0)
		return; /* of two repositories the first */
	hm_push(cx, all);
	memmove(&all->p[i + 1], &all->p[i], (all->n - 1 - i) * sizeof(*f));
	all->p[i] = *f;
}

hm_err repair_java_metadata(struct hm_cx *cx, struct hm_str key, struct hm_str base,
			    struct hm_str text, struct java_files *out)
{
	struct markup m = { .rest = text };
	struct hm_str artifact = key, group = hm_cut(&artifact, ':');
	struct hm_str folder = repair_java_key_path(cx, key);
	bool is_metadata = false;
	while (markup_next(&m)) {
		is_metadata = is_metadata || hm_eqz(m.names[0], "metadata");
		if (!m.is_end)
			continue;
		if ((markup_is(&m, "metadata/groupId") && !hm_eq(m.value, group)) ||
		    (markup_is(&m, "metadata/artifactId") && !hm_eq(m.value, artifact)))
			return hm_fail(cx, HM_INPUT, "its metadata is of \"%.*s\"",
				       HM_FMT(m.value));
		if (!markup_is(&m, "metadata/versioning/versions/version") || !is_name(m.value))
			continue;
		if (out->n >= HM_MAX_REPAIR_NAMES)
			return hm_fail(cx, HM_LIMIT, "it lists more than %llu versions",
				       (unsigned long long)HM_MAX_REPAIR_NAMES);
		struct java_file f = { m.value,
				       hm_fmt(cx, "%.*s/%.*s/%.*s/%.*s-%.*s.jar", HM_FMT(base),
					      HM_FMT(folder), HM_FMT(m.value), HM_FMT(artifact),
					      HM_FMT(m.value)) };
		add_file(cx, out, &f);
	}
	return is_metadata ? NULL
			   : hm_fail(cx, HM_INPUT, "it is not the metadata of a Maven repository");
}

void repair_java_folder(struct hm_cx *cx, struct hm_str key, struct hm_str text,
			struct java_files *out)
{
	struct hm_str artifact = key;
	hm_cut(&artifact, ':');
	struct hm_str head = hm_fmt(cx, "%.*s-", HM_FMT(artifact)), tail = HM_STR(".jar");
	while (text.n && out->n < HM_MAX_REPAIR_NAMES) {
		struct java_file f = { .url = hm_line(&text) };
		struct hm_str name = hm_basename(f.url);
		if (name.n <= head.n + tail.n || !hm_starts(name, head) || !hm_ends(name, tail))
			continue;
		f.version = hm_sub(name, head.n, name.n - head.n - tail.n);
		if (is_name(f.version) && hm_is_digit(*f.version.p))
			add_file(cx, out, &f);
	}
}
