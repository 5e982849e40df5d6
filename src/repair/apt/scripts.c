/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the maintainer scripts of a package would have done. None is run: each line that debhelper
 * did not write is something that nobody here knows.
 */
#include "repair/apt/dpkg.h"

/* Sections that debhelper adds, and whether an image lacks anything without them. */
static const struct {
	const char *tool, *what;
} sections[] = {
	{ "dh_installsystemd", "systemd units" },
	{ "dh_systemd_enable", "systemd units" },
	{ "dh_systemd_start", "systemd units" },
	{ "dh_installinit", "init scripts" },
	{ "dh_makeshlibs", "ldconfig" },
	{ "dh_installdebconf", "debconf" },
	{ "dh_python3", "bytecode of Python" },
	{ "dh_apparmor", "AppArmor profiles" },
	{ "dh_installmenu", "menus" },
	{ "dh_icons", "icon caches" },
};

static const char *section_of(struct hm_str line)
{
	struct hm_str head = HM_STR("# Automatically added by ");
	if (!hm_starts(line, head))
		return NULL;
	line = hm_from(line, head.n);
	struct hm_str tool = hm_trim(hm_cut(&line, '/'));
	for (size_t i = 0; i < HM_LEN(sections); i++)
		if (hm_eqz(tool, sections[i].tool))
			return sections[i].what;
	return NULL;
}

static bool is_empty(struct hm_str line)
{
	static const char *const nothing[] = { "set -e", "exit 0", "set -eu" };
	for (size_t i = 0; i < HM_LEN(nothing); i++)
		if (hm_eqz(line, nothing[i]))
			return true;
	return !line.n || line.p[0] == '#';
}

static void read_script(struct hm_cx *cx, const struct deb_control *s, struct repair_change *c)
{
	const char *inside = NULL;
	bool unknown = false;
	for (struct hm_str text = s->bytes; text.n;) {
		struct hm_str line = hm_trim(hm_line(&text));
		const char *begins = section_of(line);
		if (begins) {
			inside = begins;
			*hm_push(cx, &c->script_why) =
				hm_fmt(cx, "%.*s: %s", HM_FMT(s->name), begins);
			if (c->script < REPAIR_SCRIPT_DONE)
				c->script = REPAIR_SCRIPT_DONE;
		} else if (hm_starts(line, HM_STR("# End automatically added section"))) {
			inside = NULL;
		} else if (!inside && !is_empty(line)) {
			unknown = true;
		}
	}
	if (!unknown)
		return;
	c->script = REPAIR_SCRIPT_UNKNOWN;
	*hm_push(cx, &c->script_why) = hm_fmt(cx, "%.*s: lines of its own", HM_FMT(s->name));
}

hm_err repair_apt_scripts(struct hm_cx *cx, const struct repair_run *run, const struct deb *deb,
			  struct repair_change *c)
{
	static const char *const names[] = { "preinst", "postinst" };
	for (size_t i = 0; i < deb->controls.n; i++)
		for (size_t j = 0; j < HM_LEN(names); j++)
			if (hm_eqz(deb->controls.p[i].name, names[j]))
				read_script(cx, &deb->controls.p[i], c);
	if (c->script != REPAIR_SCRIPT_UNKNOWN || hm_strs_has(&run->o->allow_scripts, c->name))
		return NULL;
	return NULL;
}
