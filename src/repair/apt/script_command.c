/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of maintainer scripts: dpkg's, and those that have no place in an image. */
#include "repair/apt/script.h"

#define SERVICES "services: none runs in an image"
#define UNITS    "systemd units: left as they are"
#define BYTECODE "bytecode of Python"

/* ------------------------------------------------------------------ dpkg */

static hm_err print_line(struct shell *sh, struct hm_str s)
{
	repair_shell_print(sh,
			   (struct shell_text){ hm_fmt(sh->cx, "%.*s\n", HM_FMT(s)), SHELL_KNOWN });
	return NULL;
}

/* Packages that are asked about, when none of them is there. */
static bool is_about_nobody(struct shell *sh, const struct shell_args *a)
{
	const struct script_host *h = sh->host;
	size_t n = 0;
	for (size_t i = 2; i < a->n; i++) {
		struct hm_str name = a->p[i].s;
		if (a->p[i].know || hm_find_char(name, '*') != SIZE_MAX)
			return false;
		if (hm_starts(name, HM_STR("-")) || hm_find_char(name, '$') != SIZE_MAX)
			continue;
		if (hm_map_has(&h->packages, hm_cut(&name, ':')))
			return false;
		n++;
	}
	return n > 0;
}

/* "dpkg -L NAME", where the list is at hand and nothing of it is diverted. */
static hm_err list_files(struct shell *sh, const struct shell_args *a, bool *out_is)
{
	const struct script_host *h = sh->host;
	struct hm_str name = repair_shell_arg(a, 2), text, diverted;
	*out_is = false;
	if (a->n != 3 || !repair_shell_all_known(a) || hm_find_char(name, '/') != SIZE_MAX)
		return NULL;
	const char *info = "/var/lib/dpkg/info/";
	HM_TRY(repair_script_read(sh, hm_fmt(sh->cx, "%s%.*s.list", info, HM_FMT(name)).p, &text));
	if (!text.n)
		HM_TRY(repair_script_read(
			sh,
			hm_fmt(sh->cx, "%s%.*s:%.*s.list", info, HM_FMT(name), HM_FMT(h->native)).p,
			&text));
	HM_TRY(repair_script_read(sh, "/var/lib/dpkg/diversions", &diverted));
	while (diverted.n)
		if (repair_script_has_line(text, hm_line(&diverted)))
			return NULL;
	*out_is = text.n > 0;
	if (*out_is)
		repair_shell_print(sh, (struct shell_text){ text, SHELL_KNOWN });
	return NULL;
}

static hm_err run_dpkg_query(struct shell *sh, const struct shell_args *a)
{
	bool is = false;
	struct hm_str what = repair_shell_arg(a, 1);
	if (hm_eqz(what, "-L") || hm_eqz(what, "--listfiles"))
		HM_TRY(list_files(sh, a, &is));
	if (is)
		return NULL;
	if (!is_about_nobody(sh, a))
		return repair_shell_maybe(sh, a);
	sh->status = 1;
	return NULL;
}

static hm_err run_dpkg(struct shell *sh, const struct shell_args *a)
{
	const struct script_host *h = sh->host;
	struct hm_str what = repair_shell_arg(a, 1);
	if (hm_eqz(what, "--compare-versions")) {
		size_t i = hm_eqz(repair_shell_arg(a, 2), "--") ? 3 : 2;
		if (!repair_shell_all_known(a) || a->n < i + 2)
			return repair_shell_maybe(sh, a);
		return repair_script_compare(sh, repair_shell_arg(a, i), repair_shell_arg(a, i + 1),
					     repair_shell_arg(a, i + 2));
	}
	if (hm_eqz(what, "--print-architecture"))
		return print_line(sh, h->native);
	if (hm_eqz(what, "-s") || hm_eqz(what, "-L") || hm_eqz(what, "-l") ||
	    hm_eqz(what, "--status") || hm_eqz(what, "--listfiles"))
		return run_dpkg_query(sh, a);
	if (hm_starts(what, HM_STR("--assert-")))
		return NULL;
	return hm_eqz(what, "-S") || hm_starts(what, HM_STR("--print-"))
		       ? repair_shell_maybe(sh, a)
		       : repair_shell_refuse(sh, a);
}

static struct hm_str last_word(const struct shell_args *a)
{
	return repair_shell_arg(a, a->n - 1);
}

static bool has_word(const struct shell_args *a, const char *word)
{
	for (size_t i = 1; i < a->n; i++)
		if (hm_eqz(repair_shell_arg(a, i), word))
			return true;
	return false;
}

struct diversion {
	struct hm_str from, to, by; /* by is empty: nobody diverts it */
};

static hm_err find_diversion(struct shell *sh, struct hm_str path, struct diversion *out)
{
	struct hm_str text;
	HM_TRY(repair_script_read(sh, "/var/lib/dpkg/diversions", &text));
	*out = (struct diversion){ .from = path };
	while (text.n && !out->by.n) {
		bool is = hm_eq(hm_line(&text), path);
		struct hm_str to = hm_line(&text), by = hm_line(&text);
		if (is)
			*out = (struct diversion){ path, to, by };
	}
	return NULL;
}

static struct hm_str word_after(const struct shell_args *a, const char *option)
{
	for (size_t i = 1; i + 1 < a->n; i++)
		if (hm_eqz(repair_shell_arg(a, i), option))
			return repair_shell_arg(a, i + 1);
	return HM_STR("");
}

static hm_err run_dpkg_divert(struct shell *sh, const struct shell_args *a)
{
	struct hm_str path = last_word(a);
	struct diversion d;
	bool list = has_word(a, "--list");
	if (!repair_shell_all_known(a) || !path.n)
		return list ? repair_shell_maybe(sh, a) : repair_shell_refuse(sh, a);
	HM_TRY(find_diversion(sh, path, &d));
	if (has_word(a, "--truename"))
		return print_line(sh, d.by.n ? d.to : path);
	if (has_word(a, "--listpackage"))
		return d.by.n ? print_line(sh, hm_eqz(d.by, ":") ? HM_STR("LOCAL") : d.by) : NULL;
	if (list)
		return d.by.n ? repair_shell_maybe(sh, a) : NULL;
	/* Of another package it removes nothing. */
	struct hm_str package = word_after(a, "--package");
	if (has_word(a, "--remove") ? !d.by.n : d.by.n && hm_eq(d.by, package))
		return NULL;
	return repair_shell_refuse(sh, a);
}

/* A trigger that nobody waits for is nothing. */
static hm_err run_dpkg_trigger(struct shell *sh, const struct shell_args *a)
{
	static const char *const ours[] = { "ldconfig", "update-ca-certificates" };
	struct hm_str name = last_word(a), text;
	if (!name.n || has_word(a, "--check-supported"))
		return NULL;
	for (size_t i = 0; i < HM_LEN(ours); i++)
		if (hm_eqz(name, ours[i]))
			return NULL;
	if (hm_starts(name, HM_STR("/")))
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_script_read(sh, hm_fmt(sh->cx, "/var/lib/dpkg/triggers/%.*s", HM_FMT(name)).p,
				  &text));
	return text.n ? repair_shell_refuse(sh, a) : NULL;
}

/* ------------------------------------------------------------------ alternatives */

static bool offers(struct hm_str text, struct hm_str path, struct hm_str priority)
{
	while (text.n)
		if (hm_eq(hm_line(&text), path) && (!priority.n || hm_eq(hm_line(&text), priority)))
			return true;
	return false;
}

static hm_err read_alternative(struct shell *sh, struct hm_str name, struct hm_str *out)
{
	return repair_script_read(sh,
				  hm_fmt(sh->cx, "/var/lib/dpkg/alternatives/%.*s", HM_FMT(name)).p,
				  out);
}

/* "--install LINK NAME PATH PRIORITY [--slave LINK NAME PATH]...": is all of it there? */
static hm_err is_offered(struct shell *sh, const struct shell_args *a, size_t i, bool *out)
{
	struct hm_str text;
	HM_TRY(read_alternative(sh, repair_shell_arg(a, i + 2), &text));
	*out = offers(text, repair_shell_arg(a, i + 3), repair_shell_arg(a, i + 4));
	for (i += 5; i + 3 < a->n && *out; i += 4)
		*out = hm_eqz(repair_shell_arg(a, i), "--slave") &&
		       repair_script_has_line(text, repair_shell_arg(a, i + 2)) &&
		       repair_script_has_line(text, repair_shell_arg(a, i + 3));
	return NULL;
}

/* --remove, --remove-all, --auto: is there nothing to be done? */
static hm_err is_settled(struct shell *sh, const struct shell_args *a, size_t i, bool *out)
{
	struct hm_str what = repair_shell_arg(a, i), text;
	HM_TRY(read_alternative(sh, repair_shell_arg(a, i + 1), &text));
	if (hm_eqz(what, "--remove"))
		*out = !offers(text, repair_shell_arg(a, i + 2), HM_STR(""));
	else
		*out = !text.n || (hm_eqz(what, "--auto") && hm_starts(text, HM_STR("auto\n")));
	return NULL;
}

/* "--list NAME": the choices. */
static hm_err print_choices(struct shell *sh, struct hm_str name)
{
	struct hm_str text;
	size_t slaves = 0;
	HM_TRY(read_alternative(sh, name, &text));
	sh->status = text.n ? 0 : 2;
	hm_line(&text);
	hm_line(&text);
	while (text.n && hm_line(&text).n)
		slaves++;
	while (text.n) {
		struct hm_str path = hm_line(&text);
		if (path.n)
			HM_TRY(print_line(sh, path));
		for (size_t i = 0; i < 1 + slaves / 2; i++)
			hm_line(&text);
	}
	return NULL;
}

/* Of its record, without slaves: its choices, and the best of them. */
static void read_choices(struct hm_str text, struct hm_buf *out, struct hm_str *out_best)
{
	int64_t most = INT64_MIN;
	while (text.n) {
		struct hm_str path = hm_line(&text), priority = hm_line(&text);
		if (!path.n)
			break;
		hm_buf_fmt(out, "\nAlternative: %.*s\nPriority: %.*s\n", HM_FMT(path),
			   HM_FMT(priority));
		bool is_negative = hm_starts(priority, HM_STR("-"));
		uint64_t n = 0;
		hm_u64(hm_from(priority, is_negative), INT32_MAX, &n);
		int64_t now = is_negative ? -(int64_t)n : (int64_t)n;
		if (now <= most)
			continue;
		most = now;
		*out_best = path;
	}
}

/* "--query NAME", of one without slaves. */
static hm_err print_query(struct shell *sh, const struct shell_args *a, struct hm_str name)
{
	HM_AUTO_BUF choices = HM_BUF(HM_MAX_SCRIPT);
	const struct repair_node *now;
	struct hm_str text, best = HM_STR("none");
	bool sure;
	HM_TRY(read_alternative(sh, name, &text));
	HM_TRY(repair_shell_find(sh, hm_fmt(sh->cx, "/etc/alternatives/%.*s", HM_FMT(name)), false,
				 &now, &sure));
	if (!text.n) {
		sh->status = 2;
		return NULL;
	}
	struct hm_str status = hm_line(&text), link = hm_line(&text);
	if (!sure || hm_line(&text).n)
		return repair_shell_maybe(sh, a);
	read_choices(text, &choices, &best);
	struct hm_str value = now && now->type == TAR_SYMLINK ? now->link : HM_STR("none");
	repair_shell_print(
		sh, (struct shell_text){
			    hm_fmt(sh->cx,
				   "Name: %.*s\nLink: %.*s\nStatus: %.*s\nBest: %.*s\nValue: %.*s\n"
				   "%.*s",
				   HM_FMT(name), HM_FMT(link), HM_FMT(status), HM_FMT(best),
				   HM_FMT(value), HM_FMT(hm_buf_str(&choices))),
			    SHELL_KNOWN });
	return NULL;
}

static const struct {
	const char *option;
	size_t words;
	hm_err (*is_done)(struct shell *sh, const struct shell_args *a, size_t i, bool *out);
} alternatives[] = {
	{ "--install", 4, is_offered },
	{ "--remove", 2, is_settled },
	{ "--remove-all", 1, is_settled },
	{ "--auto", 1, is_settled },
	{ "--query", 1, NULL },
	{ "--list", 1, NULL },
	{ "--display", 1, NULL },
};

static hm_err run_update_alternatives(struct shell *sh, const struct shell_args *a)
{
	bool done = false;
	size_t i = 1;
	while (i < a->n && (hm_eqz(a->p[i].s, "--quiet") || hm_eqz(a->p[i].s, "--force")))
		i++;
	for (size_t k = 0; k < HM_LEN(alternatives) && repair_shell_all_known(a); k++) {
		if (!hm_eqz(repair_shell_arg(a, i), alternatives[k].option) ||
		    i + alternatives[k].words >= a->n)
			continue;
		if (hm_eqz(repair_shell_arg(a, i), "--list"))
			return print_choices(sh, repair_shell_arg(a, i + 1));
		if (hm_eqz(repair_shell_arg(a, i), "--query"))
			return print_query(sh, a, repair_shell_arg(a, i + 1));
		if (!alternatives[k].is_done)
			return repair_shell_maybe(sh, a);
		HM_TRY(alternatives[k].is_done(sh, a, i, &done));
		break;
	}
	return done ? NULL : repair_shell_refuse(sh, a);
}

/* ------------------------------------------------------------------ python */

/* perl -e "": is it there, and does it work? */
static hm_err run_perl(struct shell *sh, const struct shell_args *a)
{
	bool nothing =
		a->n == 3 && hm_eqz(repair_shell_arg(a, 1), "-e") && !a->p[2].know && !a->p[2].s.n;
	return nothing ? repair_shell_maybe(sh, a) : repair_shell_refuse(sh, a);
}

/* Rows of the other tables; "python3.11 ... py_compile.py": bytecode, and nothing else. */
hm_err repair_script_other(struct shell *sh, const struct shell_args *a, bool *out_is)
{
	static const struct shell_command *const tables[] = {
		repair_script_debconf, repair_script_pam, repair_script_system, repair_script_users
	};
	struct hm_str name = repair_shell_program(a->p[0].s);
	for (size_t t = 0; t < HM_LEN(tables); t++)
		for (const struct shell_command *c = tables[t]; c->name; c++)
			if (hm_eqz(name, c->name)) {
				*out_is = true;
				if (c->what)
					repair_shell_did(sh, c->what);
				return c->run(sh, a);
			}
	*out_is = hm_starts(hm_basename(a->p[0].s), HM_STR("python3"));
	if (!*out_is)
		return NULL;
	for (size_t i = 1; i < a->n; i++)
		if (hm_ends(repair_shell_arg(a, i), HM_STR("/py_compile.py"))) {
			repair_shell_did(sh, BYTECODE);
			sh->status = 0;
			return NULL;
		}
	return repair_shell_refuse(sh, a);
}

const struct shell_command repair_script_commands[] = {
	{ "dpkg", run_dpkg, NULL },
	{ "dpkg-query", run_dpkg_query, NULL },
	{ "dpkg-divert", run_dpkg_divert, NULL },
	{ "dpkg-trigger", run_dpkg_trigger, NULL },
	{ "dpkg-maintscript-helper", repair_script_helper, NULL },
	{ "update-alternatives", run_update_alternatives, NULL },
	{ "perl", run_perl, NULL },
	{ "ldconfig", repair_shell_nothing, "ldconfig: libraries are found without its cache" },
	{ "invoke-rc.d", repair_shell_maybe, SERVICES },
	{ "service", repair_shell_maybe, SERVICES },
	{ "systemctl", repair_shell_maybe, SERVICES },
	{ "deb-systemd-invoke", repair_shell_maybe, SERVICES },
	{ "telinit", repair_shell_maybe, SERVICES },
	{ "systemd", repair_shell_maybe, NULL },
	{ "ss", repair_shell_maybe, NULL },
	{ "pidof", repair_shell_maybe, NULL },
	{ "ischroot", repair_shell_maybe, NULL },
	{ "udevadm", repair_shell_maybe, SERVICES },
	{ "runlevel", repair_shell_maybe, NULL },
	{ "mountpoint", repair_shell_maybe, NULL },
	{ "deb-systemd-helper", repair_shell_maybe, UNITS },
	{ "update-rc.d", repair_shell_nothing, UNITS },
	{ "apparmor_parser", repair_shell_maybe, SERVICES },
	{ "aa-enabled", repair_shell_maybe, NULL },
	{ "aa-status", repair_shell_maybe, NULL },
	{ "py3compile", repair_shell_nothing, BYTECODE },
	{ "py3clean", repair_shell_nothing, BYTECODE },
	{ "pypy3compile", repair_shell_nothing, BYTECODE },
	{ "pypy3clean", repair_shell_nothing, BYTECODE },
	{ "pycompile", repair_shell_nothing, BYTECODE },
	{ "pyclean", repair_shell_nothing, BYTECODE },
	{ "mandb", repair_shell_nothing, "the index of manual pages" },
	{ "fc-cache", repair_shell_nothing, "caches of fonts and icons: as they were" },
	{ "update-icon-caches", repair_shell_nothing, "caches of fonts and icons: as they were" },
	{ "gtk-update-icon-cache", repair_shell_nothing,
	  "caches of fonts and icons: as they were" },
	{ "update-menus", repair_shell_nothing, "menus" },
	{ 0 },
};
