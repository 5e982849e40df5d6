/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scripts of a package would have done. None is run: each line that is not among those
 * below is something that nobody here knows.
 */
#include "repair/apk/apk.h"

static const char *const nothing[] = { "set -e", "exit 0", "exit", "true", ":" };

/* busybox makes links to itself: those that are missing, and none where it has no new applet. */
static const char *const links[] = {
	"/bin/busybox --install -s",
	"exec /bin/busybox --install -s",
	"[ -e /bin/busybox ] && /bin/busybox --install -s",
	"[ -e /bin/bbsuid ] && /bin/bbsuid --install",
};

/* The rest of busybox's trigger. */
static const char *const around[] = {
	"do_bb_install=",
	"for i in \"$@\"; do",
	"case \"$i\" in",
	"/lib/modules/*)",
	"if [ -d \"$i\" ]; then",
	"/sbin/depmod ${i#/lib/modules/}",
	"fi",
	";;",
	"*) do_bb_install=yes;;",
	"esac",
	"done",
	"if [ -n \"$do_bb_install\" ]; then",
};

static bool is_among(struct hm_str line, const char *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (hm_eqz(line, all[i]))
			return true;
	return false;
}

static bool is_nothing(struct hm_str line)
{
	return !line.n || line.p[0] == '#' || is_among(line, nothing, HM_LEN(nothing));
}

/* "addgroup -S [...] NAME 2>/dev/null", of one that is there: it does nothing. */
static bool is_there(const struct repair_root *root, struct hm_str line)
{
	struct hm_str tool = repair_apk_word(&line), last = HM_STR("");
	bool system = false, quiet = false;
	uint32_t id;
	for (struct hm_str word = repair_apk_word(&line); word.n; word = repair_apk_word(&line)) {
		if (quiet || hm_find_char(word, ';') != SIZE_MAX ||
		    hm_find_char(word, '$') != SIZE_MAX || hm_find_char(word, '`') != SIZE_MAX ||
		    hm_find_char(word, '&') != SIZE_MAX || hm_find_char(word, '|') != SIZE_MAX)
			return false;
		quiet = hm_eqz(word, "2>/dev/null");
		system = system || hm_eqz(word, "-S");
		last = quiet ? last : word;
	}
	if (!system || !quiet)
		return false;
	return hm_eqz(tool, "adduser")    ? repair_root_user(root, last, &id)
	       : hm_eqz(tool, "addgroup") ? repair_root_group(root, last, &id)
					  : false;
}

static void applets(struct hm_cx *cx, struct hm_str paragraph, struct hm_strs *out)
{
	struct hm_str words = repair_apk_field(paragraph, 'p');
	struct apk_relation r;
	for (struct hm_str word = repair_apk_word(&words); word.n; word = repair_apk_word(&words))
		if (repair_apk_relation(word, &r) && hm_starts(r.name, HM_STR("cmd:")))
			*hm_push(cx, out) = r.name;
	hm_strs_sort_unique(out);
}

static bool has_same_applets(struct hm_cx *cx, struct hm_str old, struct hm_str new)
{
	struct hm_strs a = { 0 }, b = { 0 };
	applets(cx, old, &a);
	applets(cx, new, &b);
	bool same = a.n && a.n == b.n;
	for (size_t i = 0; same && i < a.n; i++)
		same = hm_eq(a.p[i], b.p[i]);
	return same;
}

static void set_script(struct hm_cx *cx, struct repair_change *c, enum repair_script kind,
		       const struct apk_script *s, const char *why)
{
	if (c->script < kind)
		c->script = kind;
	*hm_push(cx, &c->script_why) = hm_fmt(cx, "%.*s: %s", HM_FMT(hm_from(s->name, 1)), why);
}

static void read_script(struct hm_cx *cx, const struct apk_at *at, const struct apk_script *s,
			bool same_applets, struct repair_change *c)
{
	bool unknown = false, users = false, made = false, other = false;
	for (struct hm_str text = s->bytes; text.n;) {
		struct hm_str line = hm_trim(hm_line(&text));
		if (is_nothing(line))
			continue;
		if (is_there(&at->run->root, line))
			users = true;
		else if (is_among(line, links, HM_LEN(links)))
			*(same_applets ? &made : &other) = true;
		else
			unknown = true;
	}
	if (users)
		set_script(cx, c, REPAIR_SCRIPT_DONE, s, "users and groups that are there");
	if (made)
		set_script(cx, c, REPAIR_SCRIPT_DONE, s, "links of busybox that are there");
	if (other)
		set_script(cx, c, REPAIR_SCRIPT_UNKNOWN, s, "links to other applets of busybox");
	if (unknown)
		set_script(cx, c, REPAIR_SCRIPT_UNKNOWN, s, "lines of its own");
}

void repair_apk_scripts(struct hm_cx *cx, const struct apk_at *at, const struct apk_unpacked *u,
			struct hm_str old, struct repair_change *c)
{
	bool same = false;
	for (size_t i = 0; i < u->scripts.n; i++) {
		struct hm_str name = u->scripts.p[i].name;
		if (hm_eqz(name, old.n ? ".pre-upgrade" : ".pre-install") ||
		    hm_eqz(name, old.n ? ".post-upgrade" : ".post-install")) {
			same = same || has_same_applets(cx, old, u->index);
			read_script(cx, at, &u->scripts.p[i], same, c);
		}
	}
}

bool repair_apk_trigger_is_known(struct hm_str script)
{
	while (script.n) {
		struct hm_str line = hm_trim(hm_line(&script));
		if (!is_nothing(line) && !is_among(line, links, HM_LEN(links)) &&
		    !is_among(line, around, HM_LEN(around)))
			return false;
	}
	return true;
}
