/* SPDX-License-Identifier: Apache-2.0 */
/* sources.list(5): both forms, and what stands for them where an image has neither. */
#include "codec/stanza.h"
#include "repair/apt/apt.h"

enum { KEYRINGS_MAX = 64 };

static void add_words(struct hm_cx *cx, struct hm_str text, struct hm_strs *out)
{
	size_t i = 0;
	while (i < text.n) {
		size_t from = i;
		while (i < text.n && !hm_is_space(text.p[i]) && text.p[i] != ',')
			i++;
		if (i > from)
			*hm_push(cx, out) = hm_sub(text, from, i - from);
		else
			i++;
	}
}

/* ------------------------------------------------------------------ keyrings */

static void add_keyring(struct hm_cx *cx, struct repair_keyrings *to, struct hm_str name,
			struct hm_str bytes)
{
	if (to->n < KEYRINGS_MAX && bytes.n)
		*hm_push(cx, to) = (struct repair_keyring){ name, bytes };
}

/* All that lie below a folder of the image and end so. */
static void add_folder(struct hm_cx *cx, const struct repair_root *r, const char *folder,
		       struct repair_keyrings *to)
{
	const struct repair_node *dir = repair_root_at(r, hm_cstr(folder));
	for (const struct repair_node *n = dir ? dir->first : NULL; n; n = n->next)
		if (!n->is_gone && n->type == TAR_FILE && n->is_kept &&
		    (hm_ends(n->path, HM_STR(".gpg")) || hm_ends(n->path, HM_STR(".asc")) ||
		     hm_ends(n->path, HM_STR(".pgp"))))
			add_keyring(cx, to, n->path, n->content);
}

static hm_err add_default_keyrings(struct hm_cx *cx, const struct repair_run *run,
				   struct repair_keyrings *to)
{
	const struct repair_node *n = repair_root_at(&run->root, HM_STR("etc/apt/trusted.gpg"));
	if (n && n->is_kept)
		add_keyring(cx, to, n->path, n->content);
	add_folder(cx, &run->root, "etc/apt/trusted.gpg.d", to);
	return NULL;
}

/* --keyring, and where no source names its own, what the distribution brings. */
static hm_err add_given_keyrings(struct hm_cx *cx, const struct repair_run *run,
				 struct repair_keyrings *to)
{
	for (size_t i = 0; i < run->o->keyrings.n; i++) {
		struct hm_str bytes, name = run->o->keyrings.p[i];
		HM_TRY(hm_read_file(cx, hm_dupz(cx, name), HM_MAX_REPAIR_KEYRINGS, &bytes));
		add_keyring(cx, to, name, bytes);
	}
	return NULL;
}

/* A path in the image, a fingerprint (of any keyring), or a block of keys itself. */
static hm_err add_signed_by(struct hm_cx *cx, const struct repair_run *run, struct hm_str value,
			    struct apt_source *s)
{
	if (hm_find(value, HM_STR("-----BEGIN PGP")) != SIZE_MAX) {
		HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_KEYRINGS);
		while (value.n) { /* deb822: " ." is an empty line */
			struct hm_str line = hm_trim(hm_line(&value));
			hm_buf_add(&b, hm_eqz(line, ".") ? HM_STR("") : line);
			hm_buf_char(&b, '\n');
		}
		add_keyring(cx, &s->keyrings, HM_STR("Signed-By"), hm_dup(cx, hm_buf_str(&b)));
		return NULL;
	}
	struct hm_strs names = { 0 };
	struct hm_str missing = HM_STR("");
	add_words(cx, value, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct hm_str bytes;
		bool there;
		if (!hm_starts(names.p[i], HM_STR("/"))) {
			s->why_not = hm_fmt(cx,
					    "Signed-By has \"%.*s\", a fingerprint: give its "
					    "keyring (--keyring)",
					    HM_FMT(names.p[i]));
			s->keyrings.n = 0;
			return NULL;
		}
		HM_TRY(repair_root_file(cx, &run->root, hm_dupz(cx, names.p[i]), &bytes, &there));
		if (there)
			add_keyring(cx, &s->keyrings, names.p[i], bytes);
		else
			missing = names.p[i];
	}
	if (!s->keyrings.n)
		s->why_not =
			hm_fmt(cx,
			       "its keyring \"%.*s\" is not in the image, or is empty: give it "
			       "(--keyring)",
			       HM_FMT(missing));
	return NULL;
}

/* ------------------------------------------------------------------ the two forms */

struct reading {
	struct hm_cx *cx;
	const struct repair_run *run;
	struct hm_str file; /* for messages */
	struct apt_sources *out;
};

static hm_err add_source(struct reading *r, const struct apt_source *s)
{
	if (r->out->n >= HM_MAX_REPAIR_REPOSITORIES)
		return hm_fail(r->cx, HM_LIMIT, "more than %llu package repositories",
			       (unsigned long long)HM_MAX_REPAIR_REPOSITORIES);
	struct apt_source own = *s;
	if (!own.keyrings.n && !own.is_signed_by)
		HM_TRY(add_default_keyrings(r->cx, r->run, &own.keyrings));
	*hm_push(r->cx, r->out) = own;
	return NULL;
}

static bool is_for(struct hm_cx *cx, struct hm_str archs, struct hm_str arch)
{
	struct hm_strs words = { 0 };
	add_words(cx, archs, &words);
	return !words.n || hm_strs_has(&words, arch);
}

/* What apt reads as no (StringToBool). */
static bool is_no(struct hm_cx *cx, struct hm_str value)
{
	static const char *const words[] = { "no", "false", "without", "off", "disable", "0" };
	for (size_t i = 0; i < HM_LEN(words); i++)
		if (hm_eq(hm_lower(cx, value), hm_cstr(words[i])))
			return true;
	return false;
}

/* Tabs separate as spaces do. */
static struct hm_str with_spaces(struct hm_cx *cx, struct hm_str line)
{
	char *copy = hm_dupz(cx, line);
	for (size_t i = 0; i < line.n; i++)
		if (hm_is_space(copy[i]))
			copy[i] = ' ';
	return hm_bytes(copy, line.n);
}

/* deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] URI SUITE COMPONENT... */
static hm_err read_line(struct reading *r, struct hm_str line)
{
	struct hm_cx *cx = r->cx;
	struct apt_source s = { 0 };
	struct hm_strs words = { 0 };
	line = hm_trim(with_spaces(cx, hm_cut(&line, '#')));
	struct hm_str type = hm_cut(&line, ' ');
	if (!hm_eqz(hm_trim(type), "deb"))
		return NULL;
	line = hm_trim(line);
	if (hm_starts(line, HM_STR("["))) {
		line = hm_from(line, 1);
		struct hm_str options = hm_cut(&line, ']');
		while ((options = hm_trim(options)).n) {
			struct hm_str value = hm_cut(&options, ' '), name = hm_cut(&value, '=');
			if (hm_eqz(name, "arch") && !is_for(cx, value, r->run->architecture))
				return NULL;
			if (hm_eqz(name, "signed-by"))
				HM_TRY(add_signed_by(cx, r->run, value, &s));
			if (hm_eqz(name, "check-valid-until"))
				s.any_time = is_no(cx, value);
		}
	}
	add_words(cx, line, &words);
	if (words.n < 2)
		return hm_fail(cx, HM_INPUT, "\"%.*s\": a line without URI and suite",
			       HM_FMT(r->file));
	s.uri = words.p[0];
	s.suite = words.p[1];
	s.components = (struct hm_strs){ words.p + 2, words.n - 2, 0 };
	return add_source(r, &s);
}

static hm_err read_stanza(struct reading *r, const struct stanza *st)
{
	struct hm_cx *cx = r->cx;
	struct hm_strs types = { 0 }, uris = { 0 }, suites = { 0 };
	struct apt_source s = { 0 };
	struct hm_str signed_by = stanza_get(st, "Signed-By");
	if (is_no(cx, stanza_get(st, "Enabled")) ||
	    !is_for(cx, stanza_get(st, "Architectures"), r->run->architecture))
		return NULL;
	add_words(cx, stanza_get(st, "Types"), &types);
	add_words(cx, stanza_get(st, "URIs"), &uris);
	add_words(cx, stanza_get(st, "Suites"), &suites);
	add_words(cx, stanza_get(st, "Components"), &s.components);
	if (!hm_strs_has(&types, HM_STR("deb")))
		return NULL;
	if (signed_by.n)
		HM_TRY(add_signed_by(cx, r->run, signed_by, &s));
	s.any_time = is_no(cx, stanza_get(st, "Check-Valid-Until"));
	for (size_t i = 0; i < uris.n; i++)
		for (size_t j = 0; j < suites.n; j++) {
			s.uri = uris.p[i];
			s.suite = suites.p[j];
			HM_TRY(add_source(r, &s));
		}
	return NULL;
}

/* deb822 has "#" at the beginning of a line only. */
static struct hm_str without_comments(struct hm_cx *cx, struct hm_str text)
{
	HM_AUTO_BUF b = HM_BUF(text.n + 1);
	while (text.n) {
		struct hm_str line = hm_line(&text);
		if (hm_starts(line, HM_STR("#")))
			continue;
		hm_buf_add(&b, line);
		hm_buf_char(&b, '\n');
	}
	return hm_dup(cx, hm_buf_str(&b));
}

static hm_err read_file(struct reading *r, const struct repair_node *n)
{
	if (n->is_gone || n->type != TAR_FILE || !n->is_kept)
		return NULL;
	r->file = n->path;
	if (hm_ends(n->path, HM_STR(".list"))) {
		for (struct hm_str text = n->content; text.n;)
			HM_TRY(read_line(r, hm_line(&text)));
		return NULL;
	}
	if (!hm_ends(n->path, HM_STR(".sources")))
		return NULL;
	struct stanza s = { 0 };
	struct hm_str text = without_comments(r->cx, n->content);
	while (stanza_next(r->cx, &text, &s))
		HM_TRY(read_stanza(r, &s));
	return NULL;
}

static hm_err read_image(struct reading *r)
{
	const struct repair_node *n = repair_root_at(&r->run->root, HM_STR("etc/apt/sources.list"));
	if (n)
		HM_TRY(read_file(r, n));
	n = repair_root_at(&r->run->root, HM_STR("etc/apt/sources.list.d"));
	for (n = n ? n->first : NULL; n; n = n->next)
		HM_TRY(read_file(r, n));
	return NULL;
}

/* ------------------------------------------------------------------ --repo */

/* Suites of a distribution that an image without sources follows. */
static void guess_suites(struct hm_cx *cx, const struct repair_run *run, struct hm_strs *out)
{
	static const char *const ends[] = { "", "-updates", "-security" };
	for (size_t i = 0; run->os_codename.n && i < HM_LEN(ends); i++)
		*hm_push(cx, out) = hm_fmt(cx, "%.*s%s", HM_FMT(run->os_codename), ends[i]);
}

/* A mirror stands for the image's own suites, as far as it has them; what it must have, nobody
 * says: at least one. */
static hm_err add_mirror(struct reading *r, const struct apt_sources *own, struct hm_str base)
{
	struct hm_strs seen = { 0 }, guessed = { 0 };
	struct apt_source s = { .uri = base, .optional = true };
	for (size_t i = 0; i < own->n; i++) {
		const struct apt_source *o = &own->p[i];
		if (hm_strs_has(&seen, o->suite) || hm_ends(o->suite, HM_STR("/")))
			continue;
		*hm_push(r->cx, &seen) = o->suite;
		s.suite = o->suite;
		s.components = o->components;
		s.is_named = true;
		s.is_signed_by = o->is_signed_by;
		s.why_not = o->why_not;
		s.keyrings = (struct repair_keyrings){ 0 };
		for (size_t k = 0; k < o->keyrings.n; k++)
			add_keyring(r->cx, &s.keyrings, o->keyrings.p[k].name,
				    o->keyrings.p[k].bytes);
		HM_TRY(add_given_keyrings(r->cx, r->run, &s.keyrings));
		HM_TRY(add_source(r, &s));
	}
	struct hm_strs components = { 0 };
	for (size_t i = 0; i < own->n; i++)
		for (size_t k = 0; k < own->p[i].components.n; k++)
			if (!hm_strs_has(&components, own->p[i].components.p[k]))
				*hm_push(r->cx, &components) = own->p[i].components.p[k];
	if (!components.n)
		*hm_push(r->cx, &components) = HM_STR("main");
	guess_suites(r->cx, r->run, &guessed);
	*hm_push(r->cx, &guessed) = HM_STR("./");
	for (size_t i = 0; i < guessed.n; i++) {
		if (hm_strs_has(&seen, guessed.p[i]))
			continue;
		s.suite = guessed.p[i];
		s.components = components;
		s.is_named = false;
		s.is_signed_by = false;
		s.why_not = HM_STR("");
		s.keyrings = (struct repair_keyrings){ 0 };
		HM_TRY(add_given_keyrings(r->cx, r->run, &s.keyrings));
		HM_TRY(add_default_keyrings(r->cx, r->run, &s.keyrings));
		add_folder(r->cx, &r->run->root, "usr/share/keyrings", &s.keyrings);
		HM_TRY(add_source(r, &s));
	}
	return NULL;
}

hm_err repair_apt_sources(struct hm_cx *cx, const struct repair_run *run, struct apt_sources *out)
{
	struct apt_sources own = { 0 }, given = { 0 };
	struct reading r = { .cx = cx, .run = run, .out = &own };
	HM_TRY(read_image(&r));
	r.out = &given;
	for (size_t i = 0; i < run->o->repositories.n; i++)
		HM_TRY(add_mirror(&r, &own, run->o->repositories.p[i]));
	for (size_t i = 0; i < own.n; i++)
		HM_TRY(add_given_keyrings(cx, run, &own.p[i].keyrings));
	*out = run->o->repositories.n ? given : own;
	for (size_t i = 0; run->o->keyrings.n && i < out->n; i++)
		out->p[i].why_not = HM_STR("");
	if (!out->n)
		return hm_hint(cx, hm_fail(cx, HM_INPUT, "the image names no package repository"),
			       "--repo URL or FOLDER");
	return NULL;
}
