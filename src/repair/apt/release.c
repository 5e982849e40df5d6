/* SPDX-License-Identifier: Apache-2.0 */
/* wiki.debian.org/DebianRepository/Format: InRelease. */
#include <time.h>

#include "codec/stanza.h"
#include "repair/apt/apt.h"

/* A date of RFC 5322 as apt takes it: "Sat, 11 Jul 2026 10:16:37 UTC". */
static bool read_date(struct hm_str text, int64_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	uint64_t day, year, hour, minute, second;
	hm_cut(&text, ',');
	text = hm_trim(text);
	if (!hm_u64(hm_cut(&text, ' '), 31, &day) || !day)
		return false;
	struct hm_str month = hm_cut(&text, ' ');
	size_t at = month.n == 3 ? hm_find(hm_cstr(months), month) : SIZE_MAX;
	if (at == SIZE_MAX || at % 3 || !hm_u64(hm_cut(&text, ' '), 9999, &year) ||
	    !hm_u64(hm_cut(&text, ':'), 23, &hour) || !hm_u64(hm_cut(&text, ':'), 59, &minute) ||
	    !hm_u64(hm_cut(&text, ' '), 60, &second))
		return false;
	text = hm_trim(text);
	if (!hm_eqz(text, "UTC") && !hm_eqz(text, "GMT") && !hm_eqz(text, "Z") &&
	    !hm_eqz(text, "+0000"))
		return false;
	struct tm tm = { .tm_mday = (int)day,
			 .tm_mon = (int)(at / 3),
			 .tm_year = (int)year - 1900,
			 .tm_hour = (int)hour,
			 .tm_min = (int)minute,
			 .tm_sec = (int)second };
	*out = timegm(&tm);
	return true;
}

static bool is_wanted(const struct apt_source *s, struct hm_str name, const struct hm_strs *archs,
		      struct apt_index *out)
{
	struct hm_str rest = name, component = hm_cut_str(&rest, HM_STR("/binary-"));
	struct hm_str arch = hm_cut(&rest, '/');
	if (hm_ends(s->suite, HM_STR("/"))) {
		out->arch = HM_STR("all");
		return hm_starts(name, HM_STR("Packages")) || hm_starts(name, HM_STR("./Packages"));
	}
	if (!hm_starts(rest, HM_STR("Packages")) || !hm_strs_has(archs, arch) ||
	    (s->components.n && !hm_strs_has(&s->components, component)))
		return false;
	out->component = component;
	out->arch = arch;
	return true;
}

/* Which of an index's forms it is; -1: none that is read here. */
static int form_of(struct hm_str name)
{
	static const char *const ends[APT_FORMS] = { "Packages.gz", "Packages.xz", "Packages" };
	for (int i = 0; i < APT_FORMS; i++)
		if (hm_eqz(hm_basename(name), ends[i]))
			return i;
	return -1;
}

struct indexes {
	struct apt_index *p;
	size_t n, cap;
};

static struct apt_index *index_of(struct hm_cx *cx, struct indexes *to, const struct apt_index *x)
{
	for (size_t i = 0; i < to->n; i++)
		if (hm_eq(to->p[i].component, x->component) && hm_eq(to->p[i].arch, x->arch))
			return &to->p[i];
	struct apt_index *new = hm_push(cx, to);
	*new = *x;
	return new;
}

/* " SHA256 SIZE NAME" a line. */
static hm_err read_list(struct hm_cx *cx, const struct apt_source *s, struct hm_str list,
			bool by_hash, const struct hm_strs *archs, struct indexes *out)
{
	bool flat = hm_ends(s->suite, HM_STR("/"));
	struct hm_str folder = hm_fmt(cx, flat ? "%.*s" : "dists/%.*s/", HM_FMT(s->suite));
	if (flat && hm_eqz(s->suite, "./"))
		folder = HM_STR("");
	while (list.n) {
		struct hm_str line = hm_trim(hm_line(&list)), digest = hm_cut(&line, ' ');
		struct apt_index x = { 0 };
		struct apt_form f = { 0 };
		uint8_t raw[CRYPTO_DIGEST_MAX];
		line = hm_trim(line);
		struct hm_str size = hm_cut(&line, ' '), name = hm_trim(line);
		int form = form_of(name);
		if (!is_wanted(s, name, archs, &x) || form < 0)
			continue;
		if (hm_starts(name, HM_STR("./")))
			name = hm_from(name, 2);
		if (digest.n != 64 || hm_unhex(cx, digest, raw) ||
		    !hm_u64(size, HM_MAX_REPAIR_INDEX, &f.file.size))
			return hm_fail(cx, HM_INPUT, "\"%.*s\": no digest or size", HM_FMT(name));
		f.file.sha256 = digest;
		f.file.path = hm_fmt(cx, "%.*s%.*s", HM_FMT(folder), HM_FMT(name));
		struct hm_str dir = hm_dirname(f.file.path);
		if (by_hash)
			f.by_hash = hm_fmt(cx, "%.*s%sby-hash/SHA256/%.*s", HM_FMT(dir),
					   dir.n ? "/" : "", HM_FMT(digest));
		HM_TRY(repair_path_check(cx, f.file.path));
		index_of(cx, out, &x)->forms[form] = f;
	}
	return NULL;
}

static hm_err check_times(struct hm_cx *cx, const struct repair_run *run,
			  const struct apt_source *s, const struct stanza *st,
			  struct apt_release *out)
{
	enum { FUTURE = 300 }; /* clocks differ */
	struct hm_str until = stanza_get(st, "Valid-Until");
	int64_t end;
	if (!read_date(stanza_get(st, "Date"), &out->date))
		return hm_fail(cx, HM_INPUT, "its Date cannot be read");
	if (out->date > run->o->now + FUTURE)
		return hm_fail(cx, HM_TRUST, "it is from the future (Date: %.*s)",
			       HM_FMT(stanza_get(st, "Date")));
	if (!until.n || s->any_time || run->o->allow_expired)
		return NULL;
	if (!read_date(until, &end))
		return hm_fail(cx, HM_INPUT, "its Valid-Until cannot be read");
	if (end < run->o->now)
		return hm_hint(
			cx, hm_fail(cx, HM_TRUST, "it expired (Valid-Until: %.*s)", HM_FMT(until)),
			"a mirror that is up to date, or --allow-expired for one that no longer is made");
	return NULL;
}

/* What was asked for must be what was signed, or an older suite could stand for a newer. */
static hm_err check_name(struct hm_cx *cx, const struct apt_source *s, const struct apt_release *r)
{
	struct hm_str suite = s->suite;
	if (hm_ends(suite, HM_STR("/")) || hm_eq(suite, r->suite) || hm_eq(suite, r->codename))
		return NULL;
	/* "stable-security" of the codename "bookworm" is "bookworm-security", too; "stable" is
	 * not: it would keep the fixes away. */
	size_t dash = hm_rfind_char(suite, '-');
	struct hm_str end = dash == SIZE_MAX ? HM_STR("") : hm_from(suite, dash);
	if (end.n && hm_ends(r->suite, end) &&
	    hm_eq(suite, hm_fmt(cx, "%.*s%.*s", HM_FMT(r->codename), HM_FMT(end))))
		return NULL;
	return hm_fail(cx, HM_TRUST, "it is of the suite \"%.*s\" (\"%.*s\")", HM_FMT(r->suite),
		       HM_FMT(r->codename));
}

hm_err repair_apt_release_read(struct hm_cx *cx, const struct repair_run *run,
			       const struct apt_source *s, struct hm_str text,
			       const struct hm_strs *archs, struct apt_release *out)
{
	struct stanza st = { 0 };
	struct indexes indexes = { 0 };
	if (!stanza_next(cx, &text, &st))
		return hm_fail(cx, HM_INPUT, "it is empty");
	out->suite = stanza_get(&st, "Suite");
	out->codename = stanza_get(&st, "Codename");
	out->not_automatic = hm_eqz(stanza_get(&st, "NotAutomatic"), "yes");
	HM_TRY(check_times(cx, run, s, &st, out));
	HM_TRY(check_name(cx, s, out));
	/* Else what is for all architectures stands in the indexes of each. */
	struct hm_strs wanted = *archs;
	struct hm_str all = hm_fmt(cx, " %.*s ", HM_FMT(stanza_get(&st, "Architectures")));
	if (hm_find(all, HM_STR(" all ")) == SIZE_MAX ||
	    hm_find(stanza_get(&st, "No-Support-for-Architecture-all"), HM_STR("Packages")) !=
		    SIZE_MAX) {
		wanted.p++;
		wanted.n--;
	}
	HM_TRY(read_list(cx, s, stanza_get(&st, "SHA256"),
			 hm_eqz(stanza_get(&st, "Acquire-By-Hash"), "yes"), &wanted, &indexes));
	out->indexes = indexes.p;
	out->indexes_n = indexes.n;
	return NULL;
}

static hm_err get_signed(struct hm_cx *cx, const struct repair_run *run, const struct apt_source *s,
			 struct repair_signed *out, bool *out_there)
{
	struct hm_str folder = hm_ends(s->suite, HM_STR("/"))
				       ? s->suite
				       : hm_fmt(cx, "dists/%.*s/", HM_FMT(s->suite));
	struct repair_from from = { run->o->http, s->uri };
	struct hm_str message, signature;
	if (hm_eqz(folder, "./"))
		folder = HM_STR("");
	HM_TRY(repair_fetch_text(cx, &from, hm_fmt(cx, "%.*sInRelease", HM_FMT(folder)),
				 HM_MAX_REPAIR_RELEASE, &message, out_there));
	if (*out_there)
		return repair_openpgp_clear(cx, message, &s->keyrings, out);
	HM_TRY(repair_fetch_text(cx, &from, hm_fmt(cx, "%.*sRelease", HM_FMT(folder)),
				 HM_MAX_REPAIR_RELEASE, &message, out_there));
	if (!*out_there)
		return NULL;
	HM_TRY(repair_fetch_text(cx, &from, hm_fmt(cx, "%.*sRelease.gpg", HM_FMT(folder)),
				 HM_MAX_REPAIR_RELEASE, &signature, out_there));
	if (!*out_there)
		return hm_fail(cx, HM_TRUST, "it is not signed: neither InRelease nor Release.gpg");
	return repair_openpgp_detached(cx, message, signature, &s->keyrings, out);
}

hm_err repair_apt_release(struct hm_cx *cx, const struct repair_run *run,
			  const struct apt_source *s, const struct hm_strs *archs,
			  struct apt_release *out, bool *out_there)
{
	struct repair_signed signed_text;
	struct apt_release r = { 0 };
	HM_TRY_IN(cx, get_signed(cx, run, s, &signed_text, out_there), "\"%.*s\" %.*s",
		  HM_FMT(s->uri), HM_FMT(s->suite));
	if (!*out_there && !s->optional)
		return hm_fail(cx, HM_ABSENT, "\"%.*s\" has no suite \"%.*s\"", HM_FMT(s->uri),
			       HM_FMT(s->suite));
	if (!*out_there)
		return NULL;
	r.signer = signed_text.signer;
	HM_TRY_IN(cx, repair_apt_release_read(cx, run, s, signed_text.text, archs, &r),
		  "\"%.*s\" %.*s", HM_FMT(s->uri), HM_FMT(s->suite));
	HM_TRY_IN(cx, repair_apt_seen(cx, run, s, &r), "\"%.*s\" %.*s", HM_FMT(s->uri),
		  HM_FMT(s->suite));
	*out = r;
	return NULL;
}
