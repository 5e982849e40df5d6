/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of rpm's scripts that have no place in an image, or do nothing where all is there. */
#include "repair/rpm/script.h"

#define SERVICES "services: none runs in an image"
#define UNITS    "systemd units: left as they are"
#define SELINUX  "SELinux: labels are not an image's"
#define CACHES   "caches of fonts, icons and types: as they were"

static hm_err run_no(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	sh->status = 1;
	return NULL;
}

/* ------------------------------------------------------------------ users */

static bool is_there(const struct repair_root *r, struct hm_str name, bool group)
{
	uint32_t id;
	return group ? repair_root_group(r, name, &id) : repair_root_user(r, name, &id);
}

static hm_err run_getent(struct shell *sh, const struct shell_args *a)
{
	struct hm_str table = repair_shell_arg(a, 1), name = repair_shell_arg(a, 2);
	bool group = hm_eqz(table, "group");
	if (!name.n || (!group && !hm_eqz(table, "passwd")))
		return repair_shell_maybe(sh, a);
	if (!is_there(sh->root, name, group)) {
		sh->status = 2;
		return NULL;
	}
	repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	return NULL;
}

/* Nothing where the user or group is there already: useradd(8), groupadd(8) end with 9. */
static hm_err run_useradd(struct shell *sh, const struct shell_args *a)
{
	struct hm_str name = repair_shell_arg(a, a->n - 1);
	bool group = hm_ends(a->p[0].s, HM_STR("groupadd"));
	if (!name.n || !is_there(sh->root, name, group))
		return repair_shell_refuse(sh, a);
	sh->status = 9;
	return NULL;
}

/* ------------------------------------------------------------------ alternatives */

/* "--install LINK NAME PATH PRIORITY": one that leads where it shall already. */
static hm_err run_alternatives(struct shell *sh, const struct shell_args *a)
{
	size_t i = 1;
	const struct repair_node *n;
	bool sure;
	while (i < a->n && !hm_eqz(repair_shell_arg(a, i), "--install") &&
	       hm_starts(repair_shell_arg(a, i), HM_STR("--")))
		i++;
	struct hm_str name = repair_shell_arg(a, i + 2), path = repair_shell_arg(a, i + 3);
	if (!hm_eqz(repair_shell_arg(a, i), "--install") || !name.n || !path.n)
		return repair_shell_refuse(sh, a);
	HM_TRY(repair_shell_find(sh, hm_fmt(sh->cx, "/etc/alternatives/%.*s", HM_FMT(name)), false,
				 &n, &sure));
	if (!sure || !n || n->type != TAR_SYMLINK || !hm_eq(n->link, path))
		return repair_shell_refuse(sh, a);
	return NULL;
}

/* systemd's rpm macros call it by its path. */
hm_err repair_rpm_command_other(struct shell *sh, const struct shell_args *a, bool *out_is)
{
	*out_is = hm_eqz(a->p[0].s, "/usr/lib/systemd/systemd-update-helper");
	if (!*out_is)
		return NULL;
	repair_shell_did(sh, UNITS);
	sh->status = 0;
	return NULL;
}

const struct shell_command repair_rpm_commands[] = {
	{ "alternatives", run_alternatives, "alternatives: as they are" },
	{ "update-alternatives", run_alternatives, "alternatives: as they are" },
	{ "getent", run_getent, NULL },
	{ "useradd", run_useradd, NULL },
	{ "groupadd", run_useradd, NULL },
	{ "ldconfig", repair_shell_nothing, "ldconfig: libraries are found without its cache" },
	{ "systemctl", repair_shell_maybe, SERVICES },
	{ "service", repair_shell_maybe, SERVICES },
	{ "chkconfig", repair_shell_maybe, SERVICES },
	{ "udevadm", repair_shell_maybe, SERVICES },
	{ "pidof", repair_shell_maybe, NULL },
	{ "rpm", repair_shell_maybe, NULL },
	{ "selinuxenabled", run_no, SELINUX },
	{ "restorecon", repair_shell_nothing, SELINUX },
	{ "fixfiles", repair_shell_nothing, SELINUX },
	{ "mandb", repair_shell_nothing, "the index of manual pages" },
	{ "install-info", repair_shell_nothing, "the index of info pages" },
	{ "fc-cache", repair_shell_nothing, CACHES },
	{ "gtk-update-icon-cache", repair_shell_nothing, CACHES },
	{ "update-desktop-database", repair_shell_nothing, CACHES },
	{ "update-mime-database", repair_shell_nothing, CACHES },
	{ 0 },
};
