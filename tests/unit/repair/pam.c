/* SPDX-License-Identifier: Apache-2.0 */
/* When pam-auth-update has nothing to do: then alone is a script that calls it followed. */
#include "repair/apt/script.h"
#include "unit.h"

#define UNIX                                                                           \
	"Name: Unix authentication\nDefault: yes\nAuth-Type: Primary\nAuth-Initial:\n" \
	"\t[success=end default=ignore]\tpam_unix.so nullok\nSession:\n\trequired\tpam_unix.so\n"
#define PRIMARY "Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n"
#define ADDED   "Module: null\n[default=1]\t\t\tpam_permit.so\nModule: unix\nrequired\tpam_unix.so\n"

static const struct file {
	const char *path, *content;
} settled[] = {
	{ "usr/share/pam-configs/unix", UNIX },
	{ "usr/share/pam-configs/mkhomedir", "Name: homes\nDefault: no\n" },
	{ "usr/share/pam/common-auth", "auth\t[success=1 default=ignore]\tpam_unix.so\n" },
	{ "etc/pam.d/common-account", "a" },
	{ "etc/pam.d/common-auth", "b" },
	{ "etc/pam.d/common-password", "c" },
	{ "etc/pam.d/common-session", "d" },
	{ "etc/pam.d/common-session-noninteractive", "e" },
	{ "var/lib/pam/account", PRIMARY },
	{ "var/lib/pam/auth", PRIMARY },
	{ "var/lib/pam/password", "" },
	{ "var/lib/pam/session", ADDED },
	{ "var/lib/pam/session-noninteractive", ADDED },
	{ "var/lib/pam/seen", "unix\nmkhomedir\n" },
};

static const struct pam_case {
	const char *label, *script;
	struct file before, after; /* content NULL: the file is not there */
	bool is_followed;
} cases[] = {
	{ "nothing has changed",
	  "pam-auth-update --root \"$DPKG_ROOT\" --package $force",
	  { 0 },
	  { 0 },
	  true },
	{ "of another package", "pam-auth-update --package", { 0 }, { 0 }, true },
	{ "without --package", "pam-auth-update", { 0 }, { 0 }, false },
	{ "it is forced", "pam-auth-update --package --force", { 0 }, { 0 }, false },
	{ "a profile goes", "pam-auth-update --package --remove unix", { 0 }, { 0 }, false },
	{ "another root", "pam-auth-update --root /mnt --package", { 0 }, { 0 }, false },
	{ "a word that is not known",
	  "pam-auth-update --package \"$(date)\"",
	  { 0 },
	  { 0 },
	  false },
	{ "a profile has changed",
	  "pam-auth-update --package",
	  { 0 },
	  { "usr/share/pam-configs/unix", UNIX "Priority: 1\n" },
	  false },
	{ "a profile is new",
	  "pam-auth-update --package",
	  { 0 },
	  { "usr/share/pam-configs/cap", "Name: cap\n" },
	  false },
	{ "a profile is gone",
	  "pam-auth-update --package",
	  { 0 },
	  { "usr/share/pam-configs/mkhomedir", NULL },
	  false },
	{ "a template has changed",
	  "pam-auth-update --package",
	  { 0 },
	  { "usr/share/pam/common-auth", "auth\tother\n" },
	  false },
	{ "a profile was never seen",
	  "pam-auth-update --package",
	  { "var/lib/pam/seen", "unix\n" },
	  { "var/lib/pam/seen", "unix\n" },
	  false },
	{ "what was taken is of another profile",
	  "pam-auth-update --package",
	  { "var/lib/pam/auth", "Module: unix\nrequired\tpam_deny.so\n" },
	  { "var/lib/pam/auth", "Module: unix\nrequired\tpam_deny.so\n" },
	  false },
	{ "it was taken of a profile that is not there",
	  "pam-auth-update --package",
	  { "var/lib/pam/auth", "Module: ldap\n" },
	  { "var/lib/pam/auth", "Module: ldap\n" },
	  false },
	{ "what it keeps is not there",
	  "pam-auth-update --package",
	  { "var/lib/pam/session", NULL },
	  { "var/lib/pam/session", NULL },
	  false },
	{ "what it writes is not there",
	  "pam-auth-update --package",
	  { "etc/pam.d/common-session", NULL },
	  { "etc/pam.d/common-session", NULL },
	  false },
};

static void put(struct hm_cx *cx, struct repair_root *r, const struct file *f)
{
	struct repair_node *n = hm_new(cx, struct repair_node, 1);
	n->path = hm_cstr(f->path);
	n->type = TAR_FILE;
	n->mode = 0644;
	n->is_kept = f->content != NULL;
	n->is_gone = !f->content;
	n->content = hm_cstr(f->content ? f->content : "");
	n->size = n->content.n;
	hm_map_put(cx, &r->nodes, n->path, n);
}

static void pam(void **state)
{
	const struct pam_case *t = *state;
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_root before = repair_root_new(&cx), after = repair_root_new(&cx);
	for (size_t i = 0; i < HM_LEN(settled); i++) {
		put(&cx, &before, &settled[i]);
		put(&cx, &after, &settled[i]);
	}
	if (t->before.path)
		put(&cx, &before, &t->before);
	if (t->after.path)
		put(&cx, &after, &t->after);
	struct script_host host = { .native = HM_STR("amd64"), .before = &before };
	struct script_call call = { .package = HM_STR("libpam-runtime"),
				    .arch = HM_STR("all"),
				    .script = HM_STR("postinst"),
				    .action = HM_STR("configure"),
				    .version = HM_STR("1.5"),
				    .has_version = true,
				    .text = hm_fmt(&cx, "#!/bin/sh -e\n%s\n", t->script) };
	struct shell sh = { 0 };
	assert_ok(repair_script_follow(&cx, &after, &host, &call, &sh));
	assert_int_equal(sh.is_unknown, !t->is_followed);
	assert_int_equal(sh.effects.n, 0);
	/* nothing is known of what was there */
	host.before = NULL;
	assert_ok(repair_script_follow(&cx, &after, &host, &call, &sh));
	assert_true(sh.is_unknown);
}

int main(void)
{
	UNIT_TABLE(pam, cases);
	return unit_run("repair/pam");
}
