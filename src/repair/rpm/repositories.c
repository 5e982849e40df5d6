/* SPDX-License-Identifier: Apache-2.0 */
/* yum.conf(5), dnf.conf(5), zypper's repository files: an INI format; and the keys that sign. */
#include "repair/rpm/rpm.h"

enum { KEYS_MAX = 64, VARIABLE_DEPTH = 8 };

/* One section of a file, as it stands there. */
struct section {
	struct hm_str name, baseurl, mirrorlist, metalink, gpgkey, enabled, gpgcheck, repo_gpgcheck,
		pkg_gpgcheck, priority, exclude, type;
};
struct reading {
	struct hm_cx *cx;
	const struct repair_run *run;
	const struct rpm_database *db;
	struct rpm_repositories *to;
	struct section main;          /* of dnf.conf, yum.conf, zypp.conf */
	struct repair_keyrings image; /* of rpm's database */
	struct repair_keyrings given; /* --keyring */
	struct hm_str releasever, basearch;
};

static void add_note(const struct reading *r, struct hm_str note)
{
	*hm_push(r->cx, &r->run->result->notes) = note;
}

/* ------------------------------------------------------------------ the format */

static struct hm_str *value_of(struct section *s, struct hm_str key)
{
	const struct {
		const char *key;
		struct hm_str *value;
	} rows[] = { { "baseurl", &s->baseurl },
		     { "mirrorlist", &s->mirrorlist },
		     { "metalink", &s->metalink },
		     { "gpgkey", &s->gpgkey },
		     { "enabled", &s->enabled },
		     { "gpgcheck", &s->gpgcheck },
		     { "repo_gpgcheck", &s->repo_gpgcheck },
		     { "pkg_gpgcheck", &s->pkg_gpgcheck },
		     { "priority", &s->priority },
		     { "excludepkgs", &s->exclude },
		     { "exclude", &s->exclude },
		     { "type", &s->type } };
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(key, rows[i].key))
			return rows[i].value;
	return NULL;
}

/* The next line of a file; a line that begins with white space goes on with the one before it. */
static void read_line(struct hm_cx *cx, struct section *s, struct hm_str line, struct hm_str **last)
{
	struct hm_str text = hm_trim(line);
	if (!text.n || text.p[0] == '#' || text.p[0] == ';')
		return;
	if (hm_is_space(line.p[0])) {
		if (*last)
			**last = hm_fmt(cx, "%.*s %.*s", HM_FMT(**last), HM_FMT(text));
		return;
	}
	struct hm_str value = text, key = hm_trim(hm_cut(&value, '='));
	*last = value_of(s, key);
	if (*last)
		**last = hm_trim(value);
}

/* The next section; false: no more. */
static bool next_section(struct hm_cx *cx, struct hm_str *text, struct section *out)
{
	struct hm_str *last = NULL;
	*out = (struct section){ 0 };
	while (text->n) {
		struct hm_str before = *text, line = hm_line(text), trimmed = hm_trim(line);
		if (hm_starts(trimmed, HM_STR("[")) && hm_ends(trimmed, HM_STR("]"))) {
			if (out->name.n) {
				*text = before;
				return true;
			}
			out->name = hm_sub(trimmed, 1, trimmed.n - 2);
		} else if (line.n) {
			read_line(cx, out, line, &last);
		}
	}
	return out->name.n > 0;
}

static bool is_true(struct hm_str value, bool otherwise)
{
	static const char *const yes[] = { "1", "yes", "true", "on", "True", "Yes", "On" };
	if (!value.n)
		return otherwise;
	for (size_t i = 0; i < HM_LEN(yes); i++)
		if (hm_eqz(value, yes[i]))
			return true;
	return false;
}

static struct hm_str next_word(struct hm_str *text)
{
	size_t n = 0;
	while (text->n && (hm_is_space(text->p[0]) || text->p[0] == ','))
		*text = hm_from(*text, 1);
	while (n < text->n && !hm_is_space(text->p[n]) && text->p[n] != ',')
		n++;
	struct hm_str word = hm_sub(*text, 0, n);
	*text = hm_from(*text, n);
	return word;
}

static void add_words(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	for (struct hm_str w = next_word(&text); w.n; w = next_word(&text))
		*hm_push(cx, out) = w;
}

/* ------------------------------------------------------------------ variables */

static bool is_name_char(char c)
{
	return hm_is_alpha(c) || hm_is_digit(c) || c == '_';
}

static bool look_up(const struct reading *r, struct hm_str name, struct hm_str *out)
{
	static const char *const folders[] = { "etc/dnf/vars", "etc/yum/vars" };
	if (hm_eqz(name, "releasever") || hm_eqz(name, "releasever_major")) {
		*out = r->releasever;
		if (hm_eqz(name, "releasever_major"))
			*out = hm_cut(out, '.');
		return out->n > 0;
	}
	if (hm_eqz(name, "basearch") || hm_eqz(name, "arch")) {
		*out = hm_eqz(name, "arch") ? r->run->architecture : r->basearch;
		return true;
	}
	for (size_t i = 0; i < HM_LEN(folders); i++) {
		const struct repair_node *n =
			repair_root_at(&r->run->root,
				       hm_fmt(r->cx, "%s/%.*s", folders[i], HM_FMT(name)));
		if (n && n->type == TAR_FILE && n->is_kept) {
			struct hm_str text = n->content;
			*out = hm_trim(hm_line(&text));
			return true;
		}
	}
	return false;
}

/* "$releasever", "${basearch}". HM_INPUT: one that is not known. */
static hm_err expand(const struct reading *r, struct hm_str text, struct hm_str *out)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_PATH * 4);
	while (text.n) {
		if (text.p[0] != '$') {
			hm_buf_char(&b, text.p[0]);
			text = hm_from(text, 1);
			continue;
		}
		bool braces = text.n > 1 && text.p[1] == '{';
		size_t from = braces ? 2 : 1, n = from;
		while (n < text.n && is_name_char(text.p[n]))
			n++;
		struct hm_str name = hm_sub(text, from, n - from), value;
		if (!look_up(r, name, &value))
			return hm_fail(r->cx, HM_INPUT,
				       "the variable \"$%.*s\" is not known in the image",
				       HM_FMT(name));
		hm_buf_add(&b, value);
		text = hm_from(text, n + (braces && n < text.n && text.p[n] == '}'));
	}
	HM_TRY(hm_buf_end(r->cx, &b, "a value of a repository", out));
	*out = hm_dup(r->cx, *out);
	return NULL;
}

/* ------------------------------------------------------------------ keys */

static void add_key(struct hm_cx *cx, struct repair_keyrings *to, struct hm_str name,
		    struct hm_str bytes)
{
	if (to->n < KEYS_MAX && bytes.n)
		*hm_push(cx, to) = (struct repair_keyring){ name, bytes };
}

static hm_err read_keys(struct reading *r)
{
	const struct repair_options *o = r->run->o;
	for (size_t i = 0; i < o->keyrings.n; i++) {
		struct hm_str bytes, name = o->keyrings.p[i];
		HM_TRY(hm_read_file(r->cx, hm_dupz(r->cx, name), HM_MAX_REPAIR_KEYRINGS, &bytes));
		add_key(r->cx, &r->given, name, bytes);
	}
	for (size_t i = 0; i < r->db->packages.n; i++) {
		const struct rpm_package *p = &r->db->packages.p[i].p;
		if (p->key.n)
			add_key(r->cx, &r->image, hm_fmt(r->cx, "gpg-pubkey-%.*s", HM_FMT(p->evr)),
				p->key);
	}
	return NULL;
}

/* Of files of the image; what would have to be fetched first is nobody's word. */
static hm_err add_gpgkeys(struct reading *r, struct hm_str words, struct rpm_repository *to)
{
	struct hm_str text;
	HM_TRY(expand(r, words, &text));
	for (struct hm_str w = next_word(&text); w.n; w = next_word(&text)) {
		struct hm_str path = w, place;
		if (hm_starts(w, HM_STR("file://")))
			path = hm_from(w, strlen("file://"));
		const struct repair_node *n = NULL;
		if (!repair_is_url(path)) {
			HM_TRY(repair_root_target(r->cx, &r->run->root, path, &place));
			n = repair_root_at(&r->run->root, place);
		}
		if (n && n->type == TAR_FILE && n->is_kept)
			add_key(r->cx, &to->keys, path, n->content);
		else
			add_note(r, hm_fmt(r->cx,
					   "the key %.*s of repository %.*s is not in the "
					   "image: not used",
					   HM_FMT(w), HM_FMT(to->name)));
	}
	return NULL;
}

static void add_keyrings(struct hm_cx *cx, const struct repair_keyrings *from,
			 struct rpm_repository *to)
{
	for (size_t i = 0; i < from->n; i++)
		add_key(cx, &to->keys, from->p[i].name, from->p[i].bytes);
}

/* ------------------------------------------------------------------ repositories */

static struct hm_str trim_url(struct hm_str url)
{
	while (url.n > 1 && hm_ends(url, HM_STR("/")))
		url.n--;
	return url;
}

static hm_err new_repository(struct reading *r, struct hm_str name, struct rpm_repository **out)
{
	if (r->to->n >= HM_MAX_REPAIR_REPOSITORIES)
		return hm_fail(r->cx, HM_LIMIT, "more than %llu package repositories",
			       (unsigned long long)HM_MAX_REPAIR_REPOSITORIES);
	*out = hm_push(r->cx, r->to);
	**out = (struct rpm_repository){ .name = name, .priority = 99 };
	return NULL;
}

/* The first address is asked: the others are mirrors of it. */
static hm_err choose_url(struct reading *r, const struct section *s, struct hm_str *out)
{
	struct hm_str text;
	*out = HM_STR("");
	HM_TRY(expand(r, s->baseurl, &text));
	for (struct hm_str w = next_word(&text); w.n && !out->n; w = next_word(&text))
		if (hm_starts(w, HM_STR("http://")) || hm_starts(w, HM_STR("https://")))
			*out = trim_url(w);
	if (out->n || s->baseurl.n)
		return NULL;
	return hm_hint(r->cx,
		       hm_fail(r->cx, HM_INPUT,
			       "it has no baseurl, and lists of mirrors (%s) are not read",
			       s->metalink.n ? "metalink" : "mirrorlist"),
		       "--repo URL, with the address of one of its mirrors");
}

static hm_err add_section(struct reading *r, const struct section *s, bool zypp)
{
	struct rpm_repository *to;
	struct hm_str url;
	uint64_t priority;
	if (!is_true(s->enabled, true))
		return NULL;
	HM_TRY(choose_url(r, s, &url));
	if (!url.n) {
		add_note(r, hm_fmt(r->cx, "repository %.*s was not used: %.*s is not an address",
				   HM_FMT(s->name), HM_FMT(s->baseurl)));
		return NULL;
	}
	HM_TRY(new_repository(r, s->name, &to));
	to->url = url;
	to->signed_packages =
		is_true(s->pkg_gpgcheck, is_true(s->gpgcheck, is_true(r->main.gpgcheck, zypp)));
	to->signed_metadata = is_true(s->repo_gpgcheck, is_true(r->main.repo_gpgcheck, false));
	if (hm_u64(s->priority, 9999, &priority))
		to->priority = priority;
	add_words(r->cx, s->exclude, &to->exclude);
	add_words(r->cx, r->main.exclude, &to->exclude);
	HM_TRY(add_gpgkeys(r, s->gpgkey, to));
	add_keyrings(r->cx, &r->image, to);
	add_keyrings(r->cx, &r->given, to);
	return NULL;
}

static const struct repair_node *file_at(const struct reading *r, const char *path)
{
	const struct repair_node *n = repair_root_at(&r->run->root, hm_cstr(path));
	return n && n->type == TAR_FILE && n->is_kept ? n : NULL;
}

static hm_err read_folder(struct reading *r, const char *path, bool zypp)
{
	const struct repair_node *d = repair_root_at(&r->run->root, hm_cstr(path));
	for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next) {
		struct section s;
		if (n->is_gone || n->type != TAR_FILE || !n->is_kept ||
		    !hm_ends(n->path, HM_STR(".repo")))
			continue;
		for (struct hm_str text = n->content; next_section(r->cx, &text, &s);)
			HM_TRY_IN(r->cx, add_section(r, &s, zypp),
				  "repository \"%.*s\" of \"/%.*s\"", HM_FMT(s.name),
				  HM_FMT(n->path));
	}
	return NULL;
}

/* What is given is trusted by the image's keys and by those that are given: signed metadata, or
 * signed packages. */
static hm_err add_given(struct reading *r)
{
	static const char *const folders[] = { "etc/pki/rpm-gpg",
					       "usr/share/distribution-gpg-keys" };
	for (size_t i = 0; i < r->run->o->repositories.n; i++) {
		struct rpm_repository *to;
		HM_TRY(new_repository(r, r->run->o->repositories.p[i], &to));
		to->url = trim_url(r->run->o->repositories.p[i]);
		add_words(r->cx, r->main.exclude, &to->exclude);
		add_keyrings(r->cx, &r->given, to);
		add_keyrings(r->cx, &r->image, to);
		for (size_t k = 0; k < HM_LEN(folders); k++) {
			const struct repair_node *d =
				repair_root_at(&r->run->root, hm_cstr(folders[k]));
			for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next)
				if (!n->is_gone && n->type == TAR_FILE && n->is_kept)
					add_key(r->cx, &to->keys, n->path, n->content);
		}
	}
	return NULL;
}

/* ------------------------------------------------------------------ other settings */

static void read_main(struct reading *r)
{
	static const char *const files[] = { "etc/dnf/dnf.conf", "etc/yum.conf" };
	for (size_t i = 0; i < HM_LEN(files); i++) {
		const struct repair_node *n = file_at(r, files[i]);
		struct section s;
		if (!n)
			continue;
		for (struct hm_str text = n->content; next_section(r->cx, &text, &s);)
			if (hm_eqz(s.name, "main"))
				r->main = s;
		if (hm_find(n->content, HM_STR("tsflags=nodocs")) != SIZE_MAX)
			r->to->no_docs = true;
		return;
	}
}

/* "NAME-EPOCH:VERSION-RELEASE.ARCH" a line, with "!" for what must not come: all of the name stays.
 */
static void read_locks(struct reading *r)
{
	static const char *const files[] = { "etc/dnf/plugins/versionlock.list",
					     "etc/yum/pluginconf.d/versionlock.list" };
	for (size_t i = 0; i < HM_LEN(files); i++) {
		const struct repair_node *n = file_at(r, files[i]);
		for (struct hm_str text = n ? n->content : HM_STR(""); text.n;) {
			struct hm_str line = hm_trim(hm_line(&text));
			if (line.n && line.p[0] != '#' && line.p[0] != '!')
				*hm_push(r->cx, &r->to->held) = line;
		}
	}
}

/* zypper's: "solvable_name: NAME" in paragraphs. */
static void read_zypp_locks(struct reading *r)
{
	const struct repair_node *n = file_at(r, "etc/zypp/locks");
	for (struct hm_str text = n ? n->content : HM_STR(""); text.n;) {
		struct hm_str value = hm_line(&text), key = hm_trim(hm_cut(&value, ':'));
		if (hm_eqz(key, "solvable_name"))
			*hm_push(r->cx, &r->to->held) = hm_trim(value);
	}
}

static void read_macro(struct reading *r, struct hm_str line)
{
	line = hm_trim(line);
	if (!hm_starts(line, HM_STR("%")))
		return;
	struct hm_str name = next_word(&line);
	line = hm_trim(line);
	if (hm_eqz(name, "%_excludedocs"))
		r->to->no_docs = hm_eqz(line, "1");
	if (!hm_eqz(name, "%_install_langs") || hm_eqz(line, "all"))
		return;
	while (line.n)
		*hm_push(r->cx, &r->to->langs) = hm_cut(&line, ':');
}

static void read_macros(struct reading *r)
{
	const struct repair_node *d = repair_root_at(&r->run->root, HM_STR("etc/rpm"));
	for (const struct repair_node *n = d ? d->first : NULL; n; n = n->next)
		if (!n->is_gone && n->type == TAR_FILE && n->is_kept &&
		    hm_starts(hm_basename(n->path), HM_STR("macros")))
			for (struct hm_str text = n->content; text.n;)
				read_macro(r, hm_line(&text));
	const struct repair_node *zypp = file_at(r, "etc/zypp/zypp.conf");
	for (struct hm_str text = zypp ? zypp->content : HM_STR(""); text.n;) {
		struct hm_str value = hm_line(&text), key = hm_trim(hm_cut(&value, '='));
		if (hm_eqz(key, "rpm.install.excludedocs"))
			r->to->no_docs = is_true(hm_trim(value), false);
	}
}

static void set_variables(struct reading *r)
{
	static const struct {
		const char *arch, *base;
	} rows[] = { { "i686", "i386" }, { "i586", "i386" }, { "armv7hl", "armhfp" } };
	r->basearch = r->run->architecture;
	for (size_t i = 0; i < HM_LEN(rows); i++)
		if (hm_eqz(r->run->architecture, rows[i].arch))
			r->basearch = hm_cstr(rows[i].base);
	r->releasever = r->run->os_version;
	for (size_t i = 0; i < r->db->packages.n; i++)
		if (r->db->packages.p[i].p.releasever.n)
			r->releasever = r->db->packages.p[i].p.releasever;
}

hm_err repair_rpm_repositories(struct hm_cx *cx, const struct repair_run *run,
			       const struct rpm_database *db, struct rpm_repositories *out)
{
	struct reading r = { .cx = cx, .run = run, .db = db, .to = out };
	*out = (struct rpm_repositories){ 0 };
	set_variables(&r);
	HM_TRY(read_keys(&r));
	read_main(&r);
	read_locks(&r);
	read_zypp_locks(&r);
	read_macros(&r);
	if (run->o->repositories.n) {
		HM_TRY(add_given(&r));
	} else {
		HM_TRY(read_folder(&r, "etc/yum.repos.d", false));
		HM_TRY(read_folder(&r, "etc/distro.repos.d", false));
		HM_TRY(read_folder(&r, "etc/zypp/repos.d", true));
	}
	if (!out->n)
		return hm_hint(cx, hm_fail(cx, HM_INPUT, "the image names no package repository"),
			       "--repo URL or FOLDER");
	return NULL;
}
